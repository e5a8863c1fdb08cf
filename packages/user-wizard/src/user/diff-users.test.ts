import { describe, expect, test } from "vitest";
import { diffUsers } from "./diff-users.ts";
import { describeValue } from "./effective.ts";
import { userNamed } from "./user-named.fixture.ts";
import { noDefaults, type Defaults, type User, type UserSet } from "./user.ts";

const ada = userNamed("Ada", { telegram_id: 7, os_user: "ada" });
const setOf = (users: readonly User[], defaults: Partial<Defaults> = {}): UserSet => ({
  users,
  defaults: { ...noDefaults, ...defaults },
});
const changed = (over: Partial<User>) => diffUsers(setOf([ada]), setOf([{ ...ada, ...over }])).changed;

describe("diffUsers", () => {
  test("finds no change in the same users in another order", () => {
    const bob = userNamed("Bob", { telegram_id: 8 });
    const none = { added: [], removed: [], changed: [] };
    expect(diffUsers(setOf([ada, bob]), setOf([bob, { ...ada, github_repos: null }]))).toEqual(none);
  });

  test("reports a new id as added, and a missing id as removed", () => {
    const diff = diffUsers(setOf([ada]), setOf([{ ...ada, telegram_id: 9 }]));
    expect(diff).toEqual({ added: [{ ...ada, telegram_id: 9 }], removed: [ada], changed: [] });
  });

  test("knows a person without a telegram_id by another id, and compares by a given one", () => {
    const eve = userNamed("Eve", { telegram_id: null, slack: "T1:U2" });
    expect(diffUsers(setOf([eve]), setOf([{ ...eve, name: "Eva" }])).changed).toHaveLength(1);
    const withTelegram = { ...eve, telegram_id: 9 };
    expect(diffUsers(setOf([eve]), setOf([withTelegram]))).toEqual({
      added: [withTelegram],
      removed: [eve],
      changed: [],
    });
    const bySlack = diffUsers(setOf([eve]), setOf([withTelegram]), ({ slack }) => slack ?? "");
    expect(bySlack.changed.map(({ fields }) => fields)).toEqual([[{ field: "telegram_id", effect: "live" }]]);
  });

  test.for([
    { field: "slack", value: "T1:U2", effect: "live" },
    { field: "os_user", value: "eda", effect: "ends-sessions" },
    { field: "agent_backend", value: "codex", effect: "live" },
    { field: "llm_provider", value: "openai", effect: "live" },
    { field: "home_workspace", value: "/srv", effect: "live" },
    { field: "name", value: "Ada L", effect: "live" },
    { field: "role", value: "admin", effect: "live" },
    { field: "model", value: "opus", effect: "live" },
    { field: "max_budget", value: 9, effect: "live" },
    { field: "workspace_base", value: "/srv", effect: "live" },
    { field: "github_repos", value: ["a/b"], effect: "live" },
    { field: "pr_review", value: false, effect: "live" },
  ])("reports a changed $field as $effect", ({ field, value, effect }) => {
    expect(changed({ [field]: value })).toEqual([
      { user: { ...ada, [field]: value }, fields: [{ field, effect }], effect },
    ]);
  });

  test("gives a user the strongest effect of the changed fields", () => {
    expect(changed({ model: "opus", os_user: "eda" })).toMatchObject([{ effect: "ends-sessions" }]);
  });

  test("reports a changed default only for the users who inherit it", () => {
    const bob = userNamed("Bob", { telegram_id: 8, agent_backend: "claude" });
    const diff = diffUsers(
      setOf([ada, bob], { agent_backend: "claude" }),
      setOf([ada, bob], { agent_backend: "codex" }),
    );
    expect(diff.changed.map(({ user }) => user.name)).toEqual(["Ada"]);
    expect(diffUsers(setOf([ada], { model: "opus" }), setOf([{ ...ada, model: "opus" }])).changed).toEqual(
      [],
    );
  });
});

test.for([
  { key: "model", over: {}, says: "model: sonnet (inherited)" },
  { key: "model", over: { model: "opus" }, says: "model: opus" },
  { key: "max_budget", over: {}, says: "max_budget: not set" },
  { key: "github_repos", over: { github_repos: ["a/b", "c/d"] }, says: "github_repos: a/b, c/d" },
  { key: "pr_review", over: { pr_review: false }, says: "pr_review: false" },
] as const)('describeValue returns "$says"', ({ key, over, says }) => {
  expect(describeValue(key, { ...ada, ...over }, { ...noDefaults, model: "sonnet" })).toBe(says);
});
