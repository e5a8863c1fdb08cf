import { describe, expect, test } from "vitest";
import { entryOf, missingAnswers, readAnswer } from "./answers.ts";
import { userNamed } from "./user-named.fixture.ts";
import type { FieldKey } from "./fields.ts";

describe("readAnswer", () => {
  test.for<{ field: FieldKey; text: string; value: unknown }>([
    { field: "telegram_id", text: " 42 ", value: 42 },
    { field: "discord", text: " 80351110224678912 ", value: "80351110224678912" },
    { field: "max_budget", text: "2.5", value: 2.5 },
    { field: "github_notify_chat_id", text: "-100", value: -100 },
    { field: "github_repos", text: "a/b, c/d", value: ["a/b", "c/d"] },
    { field: "pr_review", text: "Yes", value: true },
    { field: "issue_triage", text: "off", value: false },
    { field: "role", text: "ADMIN", value: "admin" },
    { field: "name", text: "yes", value: "yes" },
    { field: "model", text: "", value: null },
    { field: "os_user", text: "ALl", value: "ALl" },
    { field: "os_user", text: "A.B", value: "A.B" },
  ])('reads $field from "$text"', ({ field, text, value }) =>
    expect(readAnswer(field, text)).toEqual({ ok: true, value }),
  );

  test.for<{ field: FieldKey; text: string }>([
    { field: "telegram_id", text: "0x10" },
    { field: "slack", text: "slack:T1:U2" },
    { field: "slack", text: "T1:u2" },
    { field: "discord", text: "ada" },
    { field: "telegram_id", text: "1e3" },
    { field: "max_budget", text: "-1" },
    { field: "github_repos", text: "a/b,,c/d" },
    { field: "pr_review", text: "maybe" },
    { field: "os_user", text: "1000" },
    { field: "os_user", text: "ALL" },
    { field: "os_user", text: "ADMINS" },
    { field: "os_user", text: "A1_B" },
    { field: "name", text: "no\uFFFEcharacter" },
    { field: "workspace_base", text: "/srv/\u{1FFFF}" },
  ])('refuses $field "$text"', ({ field, text }) =>
    expect(readAnswer(field, text)).toMatchObject({
      ok: false,
      error: { code: "bad-answer", field, found: text },
    }),
  );
});

test("missingAnswers names only the required fields without an answer", () => {
  expect(missingAnswers({})).toEqual(["telegram_id", "slack", "discord", "name", "os_user"]);
  expect(missingAnswers({ telegram_id: 1, name: "Ada", os_user: null })).toEqual(["os_user"]);
  expect(missingAnswers({ slack: "T1:U2", name: "Ada", os_user: null })).toEqual(["os_user"]);
  expect(missingAnswers({ telegram_id: 1, name: "Ada", os_user: "ada" })).toEqual([]);
});

test("entryOf makes an entry, or reports every problem", () => {
  const answers = { telegram_id: 7, name: " Ada ", os_user: "ada" };
  expect(entryOf(answers)).toEqual({ ok: true, value: userNamed("Ada", { telegram_id: 7, os_user: "ada" }) });
  const bad = entryOf({ telegram_id: -1, name: "a;b" });
  expect(bad).toMatchObject({
    error: [{ code: "missing-answers", fields: ["os_user"] }, { field: "telegram_id" }, { field: "name" }],
  });
});
