import { describe, expect, test } from "vitest";
import { explain } from "./problem-messages.ts";
import { defaultFlags, flagVariables, readFlags, type LaunchFlags } from "./flags.ts";

const names = Object.keys(defaultFlags) as readonly (keyof LaunchFlags)[];

test("flagVariables has the names of the contract", () =>
  expect(Object.values(flagVariables)).toEqual([
    "AGENT_TEAMS_WORKSPACE_TRUST_PREFLIGHT",
    "AGENT_TEAMS_WORKSPACE_TRUST_CODEX_SETTINGS",
    "AGENT_TEAMS_WORKSPACE_TRUST_CLAUDE_PTY",
    "AGENT_TEAMS_WORKSPACE_TRUST_ALLOW_UNPROTECTED_CLAUDE",
    "AGENT_TEAMS_WORKSPACE_TRUST_RETRY",
    "AGENT_TEAMS_WORKSPACE_TRUST_FILE_LOCK",
    "AGENT_TEAMS_WORKSPACE_TRUST_DEBUG",
  ]));

test("defaultFlags turns safe flags on and experimental ones off", () =>
  expect(readFlags({})).toEqual({
    flags: {
      preflight: true,
      codexSettings: true,
      claudePty: true,
      allowUnprotectedClaude: false,
      retry: false,
      fileLock: true,
      debug: false,
    },
    diagnostics: [],
  }));

const withoutEffect = {
  code: "flag-without-effect",
  variable: "AGENT_TEAMS_WORKSPACE_TRUST_ALLOW_UNPROTECTED_CLAUDE",
} as const;

test("readFlags reports a flag without effect", () =>
  expect(explain(withoutEffect).message).toContain("has no effect"));

const spellings = [
  ...["0", "false", "off"].map((text) => ({ text, value: false })),
  ...["1", "true", "on"].map((text) => ({ text, value: true })),
];

describe.each(names)("the flag %s", (name) => {
  test.each(spellings)("is $value if its variable is $text, and no other flag changes", ({ text, value }) =>
    expect(readFlags({ [flagVariables[name]]: text })).toEqual({
      flags: { ...defaultFlags, [name]: value },
      diagnostics: value && name === "allowUnprotectedClaude" ? [withoutEffect] : [],
    }),
  );

  test.each(["OFF", "False", "no", "yes", "2", " 0", "0 ", "null", "\u001b[2J"])(
    "has its default if its variable is %j, with one diagnostic",
    (found) => {
      const variable = flagVariables[name];
      const { flags, diagnostics } = readFlags({ [variable]: found });
      expect(flags).toEqual(defaultFlags);
      expect(diagnostics).toEqual([
        { code: "flag-malformed", variable, found, effective: defaultFlags[name] },
      ]);
      expect(explain(diagnostics[0]!).message).toContain(`${variable} is `);
    },
  );

  test("has its default if its variable is empty", () =>
    expect(readFlags({ [flagVariables[name]]: "" })).toEqual({ flags: defaultFlags, diagnostics: [] }));
});

test("readFlags gives one diagnostic per malformed value", () => {
  const env = Object.fromEntries(names.map((name) => [flagVariables[name], "maybe"]));
  expect(readFlags(env).diagnostics.map(({ variable }) => variable)).toEqual(Object.values(flagVariables));
});
