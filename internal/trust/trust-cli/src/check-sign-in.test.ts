import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkSignIn } from "./check-sign-in.ts";

const warningsIn = async (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) => {
  const home = mkdtempSync(join(tmpdir(), "sign-in-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const warnings = await checkSignIn({ HOME: home, ...env }, join(home, ".claude.json"));
  return warnings.map(({ name }) => name);
};

describe("doctor warns that Claude Code is not signed in", () => {
  test.for([
    { what: "an empty HOME", files: {}, env: {} },
    { what: "a state without an account", files: { ".claude.json": '{"theme":"dark"}' }, env: {} },
    { what: "a torn state", files: { ".claude.json": "{" }, env: {} },
    { what: "an empty variable", files: {}, env: { ANTHROPIC_API_KEY: "" } },
  ])("with $what", async ({ files, env }) => expect(await warningsIn(files, env)).toEqual(["sign-in"]));

  test.for([
    { what: "a key in the environment", files: {}, env: { ANTHROPIC_API_KEY: "k" } },
    { what: "Bedrock", files: {}, env: { CLAUDE_CODE_USE_BEDROCK: "1" } },
    { what: "an account", files: { ".claude.json": '{"oauthAccount":{}}' }, env: {} },
    { what: "credentials", files: { ".claude/.credentials.json": "{}" }, env: {} },
    { what: "a helper", files: { ".claude/settings.json": '{"apiKeyHelper":"/bin/key"}' }, env: {} },
  ])("but not with $what", async ({ files, env }) => expect(await warningsIn(files, env)).toEqual([]));
});
