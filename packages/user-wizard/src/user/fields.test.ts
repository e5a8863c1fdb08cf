import { expect, test } from "vitest";
import { readAnswer } from "./answers.ts";
import { fieldKeys, fieldOf, notUsedYet, questionOf } from "./fields.ts";

test("questionOf marks exactly the fields that are not used yet", () => {
  for (const key of fieldKeys) expect(questionOf(key).endsWith(notUsedYet)).toBe(!fieldOf(key).isUsed);
  expect(questionOf("name")).toBe("Name");
});

test.each([
  { typed: "work", found: "/srv/gatehouse/work" },
  { typed: "./work/", found: "/srv/gatehouse/work" },
  { typed: "../work", found: "/srv/work" },
  { typed: "../../../..", found: "/" },
  { typed: "/work", found: "/work" },
  { typed: "~/work", found: "~/work" },
  { typed: "~", found: "~" },
  { typed: "~work", found: "/srv/gatehouse/~work" },
])("readAnswer resolves the folder $typed against /srv/gatehouse to $found", ({ typed, found }) => {
  expect(readAnswer("workspace_base", typed, "/srv/gatehouse")).toEqual({ ok: true, value: found });
});

test("readAnswer refuses a relative folder without a base", () => {
  expect(readAnswer("workspace_base", "work")).toMatchObject({ ok: false, error: { code: "bad-answer" } });
});

test("a change of an unused field ends no session", () => {
  const unused = fieldKeys.filter((key) => !fieldOf(key).isUsed);
  expect(unused.map((key) => [key, fieldOf(key).onChange])).toEqual(unused.map((key) => [key, "live"]));
});
