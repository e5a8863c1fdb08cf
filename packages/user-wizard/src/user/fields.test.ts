import { expect, test } from "vitest";
import { readAnswer, withFoldersBelow } from "./answers.ts";
import { fieldKeys, fieldOf, notUsedYet, questionOf } from "./fields.ts";

test("a question says of a field that nothing acts on that it is not used yet, and of no other", () => {
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
])("the folder $typed, typed in /srv/gatehouse, is $found", ({ typed, found }) => {
  expect(readAnswer("workspace_base", typed, "/srv/gatehouse")).toEqual({ ok: true, value: found });
  const answers = { workspace_base: typed, model: "work" };
  expect(withFoldersBelow("/srv/gatehouse", answers)).toEqual({ workspace_base: found, model: "work" });
});

test("without a base a relative folder is refused", () => {
  expect(readAnswer("workspace_base", "work")).toMatchObject({ ok: false, error: { code: "bad-answer" } });
});

test("a change of a field that nothing acts on ends no session", () => {
  const unused = fieldKeys.filter((key) => !fieldOf(key).isUsed);
  expect(unused.map((key) => [key, fieldOf(key).onChange])).toEqual(unused.map((key) => [key, "live"]));
});
