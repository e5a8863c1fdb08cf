import { describe, expect, test } from "vitest";
import { explain } from "../user-messages.ts";
import { fieldKeys, fieldOf } from "../user/fields.ts";
import { readUsers } from "./read-users.ts";
import { userNamed } from "../user/user-named.fixture.ts";

const problemsOf = (text: string): readonly string[] => {
  const read = readUsers(text);
  return read.ok ? [] : read.error.map(explain);
};

const bob = "  - telegram_id: 1\n    name: Bob\n";

describe("readUsers reports, with line and column,", () => {
  test.for([
    { name: "invalid YAML", text: "users: [\n", says: ["2:1: this is not valid YAML"] },
    { name: "invalid YAML in two places", text: "a: 'x\nusers: @\n", says: ["this is not valid YAML"] },
    { name: "a list at the top", text: "- a\n", says: ["1:1: users.yaml must be a mapping"] },
    { name: "a word at the top", text: "users\n", says: ["1:1: users.yaml must be a mapping"] },
    { name: "users that is not a list", text: "users:\n  bob: 1\n", says: ["2:3: users must be a list"] },
    { name: "users that is null", text: "users: null\n", says: ["1:8: users must be a list"] },
    {
      name: "an entry that is not a mapping",
      text: "users:\n  - bob\n",
      says: ["2:5: an entry of users must be a mapping"],
    },
    { name: "an empty entry", text: "users:\n  -\n", says: ["an entry of users must be a mapping"] },
    {
      name: "a misspelt key",
      text: `${"users:\n"}${bob}    modle: x\n`,
      says: ["4:5: modle is not a key of an entry of users: did you mean model?"],
    },
    {
      name: "a key with a dash",
      text: `users:\n${bob}    max-budget: 5\n`,
      says: ["did you mean max_budget?"],
    },
    {
      name: "an unknown key",
      text: `users:\n${bob}    colour: red\n`,
      says: ["4:5: colour is not a key of an entry of users"],
    },
    {
      name: "__proto__",
      text: `users:\n${bob}    __proto__: {role: admin}\n`,
      says: ["__proto__ is not a key"],
    },
    { name: "a merge key", text: `users:\n${bob}    <<: {role: admin}\n`, says: ["<< is not a key"] },
    { name: "a mapping as a key", text: "? [users]\n: 1\n", says: ["1:3:  is not a key of users.yaml"] },
    {
      name: "a misspelt users key",
      text: "user:\n",
      says: ["1:1: user is not a key of users.yaml: did you mean users?"],
    },
    {
      name: "a key that defaults may not have",
      text: "defaults:\n  name: x\n",
      says: ["2:3: name is not a key of defaults"],
    },
    {
      name: "a bad default",
      text: "defaults:\n  max_budget: lots\n",
      says: ['2:15: max_budget must be a number above 0; "lots" is not'],
    },
    { name: "a repeated key", text: `users:\n${bob}    name: Rob\n`, says: ["4:5: name is there twice"] },
    { name: "a repeated users key", text: "users: []\nusers: []\n", says: ["2:1: users is there twice"] },
    { name: "a missing name", text: "users:\n  - telegram_id: 1\n", says: ["2:5: this entry has no name"] },
    {
      name: "an entry without any key",
      text: "users:\n  - {}\n",
      says: [
        "2:5: this entry has no telegram_id or slack or discord (as slack: T1:U2)",
        "2:5: this entry has no name",
      ],
    },
    ...["T1", "U2", "T1:", "T1:C2", "t1:u2", "slack:T1:U2", "T1:U2:U3", "T1 :U2"].map((slack) => ({
      name: `the Slack user "${slack}"`,
      text: `users:\n${bob}    slack: "${slack}"\n`,
      says: [`4:12: slack must be a workspace and a user of it, as T1:U2; "${slack}" is not`],
    })),
    {
      name: "a repeated Slack user",
      text: `users:\n  - slack: T1:U2\n    name: Ada\n${bob}    slack: "T1:U2"\n`,
      says: ["6:12: line 2 already has slack T1:U2: each person is one entry"],
    },
    {
      name: "a repeated id",
      text: `users:\n${bob}${bob}`,
      says: ["4:18: line 2 already has telegram_id 1"],
    },
    {
      name: "a repeated account",
      text: `users:\n${bob}    os_user: b\n${bob.replace("1", "2")}    os_user: b\n`,
      says: ["7:14: line 4 already has os_user b"],
    },
    {
      name: "goose without a provider",
      text: `users:\n${bob}    agent_backend: goose\n`,
      says: ["4:20: goose needs an llm_provider"],
    },
    {
      name: "an inherited goose without a provider",
      text: `defaults: {agent_backend: goose}\nusers:\n${bob}`,
      says: ["3:5: goose needs an llm_provider"],
    },
    { name: "an anchor", text: `users: &all\n${bob}`, says: ["1:8: users.yaml may have no anchor"] },
    { name: "an alias", text: "users: *all\n", says: ["1:8: users.yaml may have no alias"] },
    { name: "a tag", text: "users: !!seq []\n", says: ["1:8: users.yaml may have no tag"] },
    {
      name: "a directive",
      text: "%YAML 1.1\n---\nusers: []\n",
      says: ["1:1: users.yaml may have no directive"],
    },
    {
      name: "two documents",
      text: "users: []\n---\nusers: []\n",
      says: ["2:1: users.yaml may have no second document"],
    },
    {
      name: "a lone carriage return",
      text: "users:\r  - a: 1\n",
      says: ["1:7: users.yaml may have no lone carriage return"],
    },
  ])("$name", ({ text, says }) => {
    const told = problemsOf(text);
    expect(told.length).toBeGreaterThanOrEqual(says.length);
    for (const sentence of says) expect(told.join("\n")).toContain(sentence);
  });

  test("all problems, in the order of the text", () => {
    const text =
      "defaults: {x: 1}\nusers:\n  - telegram_id: 0\n    name: Bob\n    role: boss\n  - nam: Ada\n";
    expect(problemsOf(text).map((line) => line.split(": ")[0])).toEqual([
      "1:12",
      "3:18",
      "5:11",
      "6:5",
      "6:5",
      "6:5",
    ]);
  });
});

describe("every field", () => {
  const good: Readonly<Record<string, readonly string[]>> = {
    telegram_id: ["1", "9007199254740991"],
    slack: ["T1:U2", "'T1:W2'", `T${"A".repeat(20)}:U2`],
    discord: ["80351110224678912", "'80351110224678912'", "18446744073709551615"],
    name: ["Ada", "'a: b'", "Zoë 李", '"#x"', "O'Neill"],
    role: ["admin", "Admin", "USER", ""],
    os_user: ["ada", "a.b-c_1", "2pac"],
    github: ["octo-cat", "' padded '", "~"],
    home_workspace: ["/srv/x", "~/x"],
    workspace_base: ["/srv/a b", "~", ""],
    model: ["sonnet", "claude-opus-4[1m]", "a/b:c"],
    agent_backend: ["claude", "Codex"],
    llm_provider: ["openai"],
    max_budget: ["0.01", "5", "1e3"],
    timeout: ["1", "600"],
    context_window: ["0", "50000", "1000000"],
    github_repos: ["[a/b, c-d/e.f_g]", "[]"],
    github_notify_chat_id: ["-100123", "5"],
    pr_review: ["true", "False", "null"],
    issue_triage: ["false"],
  };
  const bad: Readonly<Record<string, readonly string[]>> = {
    telegram_id: ["0", "-1", "1.5", "'1'", "true", "9007199254740992", "[1]", ".inf"],
    discord: [
      "5",
      "0x80351110224678912",
      "080351110224678912",
      "8.0351110224678912e16",
      "discord:80351110224678912",
    ],
    slack: ["5", "[T1:U2]", "{T1: U2}", "'T1: U2'", `T${"A".repeat(21)}:U2`],
    name: ["' '", "123", "yes: 1", '"a\\nb"', '"a\\u202eb"', '"$(x)"', "true", '"\\ud800"'],
    role: ["boss", "1"],
    os_user: ["-rf", "a b", "1000", "a/b", "'a:b'", "[a]"],
    github: ["-x", "a b", "5"],
    home_workspace: ["x", "../x", "/a/../b"],
    workspace_base: ["./x", "~ada/x"],
    model: ["a b", "1.5"],
    agent_backend: ["gpt"],
    llm_provider: ["a b"],
    max_budget: ["0", "-1", "true", ".nan", ".inf", "'5'"],
    timeout: ["0", "601", "1.5", "true"],
    context_window: ["1", "49999", "1000001"],
    github_repos: ["a/b", "[a]", "[a/b, a/b]", "[a/b/c]", "{a: b}"],
    github_notify_chat_id: ["0", "1.5", "x"],
    pr_review: ["yes", "1", "'true'"],
    issue_triage: ["on"],
  };
  const withField = (key: string, value: string): string => {
    const needed = ["telegram_id: 1", "name: Bob", "llm_provider: x"].filter(
      (line) => !line.startsWith(`${key}:`),
    );
    return `users:\n  - ${[...needed, `${key}: ${value}`].join("\n    ")}\n`;
  };

  test.for(fieldKeys)("%s accepts valid values", (key) => {
    for (const value of good[key]!) expect(problemsOf(withField(key, value)), value).toEqual([]);
  });
  test.for(fieldKeys)("%s refuses invalid values", (key) => {
    for (const value of bad[key]!) expect(problemsOf(withField(key, value)).join(), value).not.toBe("");
  });
  test.for(fieldKeys)("%s has a label, an expectation and an effect of a change", (key) => {
    const { expects, label, onChange } = fieldOf(key);
    expect([expects, label].every((text) => text.length > 3)).toBe(true);
    expect(["live", "ends-sessions", "needs-restart"]).toContain(onChange);
  });
});

test("readUsers lowercases and trims values, and returns null for empty ones", () => {
  const read = readUsers("users:\n  - {telegram_id: 5, name: ' Ada ', role: ADMIN, github: '', model: ~}\n");
  expect(read).toMatchObject({
    ok: true,
    value: { users: [userNamed("Ada", { telegram_id: 5, role: "admin" })] },
  });
});

describe("readUsers, for a hostile text", () => {
  test("refuses a billion laughs at its first anchor within a second", () => {
    const lines = Array.from(
      { length: 30 },
      (_, index) => `a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}]`,
    );
    expect(problemsOf(`a0: &a0 lol\n${lines.slice(1).join("\n")}\n`)[0]).toMatch(
      /^1:5: users.yaml may have no anchor/,
    );
  });

  test("refuses deep nesting before and after a syntax error", () => {
    expect(problemsOf(`users: ${"[".repeat(100_000)}`).join()).toMatch(
      /^1:\d+: this is not valid YAML: nested/,
    );
    expect(problemsOf(`a: @\nusers: ${"[".repeat(100_000)}`).length).toBeGreaterThan(0);
  });

  test("reports only the first thousand problems", () => {
    expect(problemsOf(`users:\n${"  - {}\n".repeat(5_000)}`)).toHaveLength(1_000);
  });
});

test.each(["1e310", "-.1E310", "9".repeat(400)])(
  "readUsers refuses %s, which YAML parsers read differently",
  (text) => {
    for (const key of ["model", "max_budget", "telegram_id"])
      expect(readUsers(`users:\n  - name: Ada\n    ${key}: ${text}\n`)).toMatchObject({ ok: false });
    expect(readUsers(`defaults:\n  model: ${text}\n`)).toMatchObject({
      ok: false,
      error: [{ code: "bad-value", key: "model" }],
    });
  },
);

test("explain() shortens keys and removes their control characters", () => {
  const keys = [String.raw`"\e[2J\x9b1A"`, String.raw`"\u202ekcart"`, `"${"k".repeat(1_000)}"`];
  const texts = keys.map(
    (key) => `users:\n  - telegram_id: 1\n    name: "\\x9b"\n    ${key}: 1\n    ${key}: 2\n`,
  );
  for (const text of texts) {
    const read = readUsers(text);
    const told = read.ok ? [] : read.error.map(explain);
    expect(told.length).toBe(3);
    for (const line of told) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(line.length).toBeLessThan(200);
    }
  }
});
