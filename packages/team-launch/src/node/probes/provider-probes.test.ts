import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { providerProbes } from "./provider-probes.ts";
import { valueOf } from "./value-of.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "gh-probe-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

/** A CLI that records its arguments and its folder, and answers each line by a text in it. */
const fakeCli = (answers: Readonly<Record<string, object>>, prints = "") => {
  const at = folder();
  const file = join(at, "cli");
  const seen = join(at, "seen");
  const script = `#!${process.execPath}
const fs = require("node:fs");
fs.appendFileSync(${JSON.stringify(seen)}, JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), pid: process.pid, update: process.env.DISABLE_AUTOUPDATER }) + "\\n");
const prints = ${JSON.stringify(prints)};
if (prints !== "") { console.log(prints); process.exit(1); }
const answers = ${JSON.stringify(answers)};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const found = Object.entries(answers).find(([part]) => line.includes(part));
  if (found) console.log(JSON.stringify({ id: JSON.parse(line).id, ...found[1] }));
});
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  const starts = () =>
    (existsSync(seen) ? readFileSync(seen, "utf8") : "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { args: string[]; cwd: string; pid: number; update: string });
  return { file, starts };
};

const claudeSays = (model: string) => ({
  get_settings: { type: "control_response", response: { response: { applied: { model } } } },
});
const codexSays = (config: object, account: object = {}) => ({
  "config/read": { result: { config } },
  "model/list": { result: { data: [{ model: "small" }, { model: "gpt-big", isDefault: true }] } },
  "account/read": { result: account },
});

const probe = (provider: "claude" | "codex", file: string, timeoutMs?: number) => {
  const env = { PATH: process.env["PATH"], HOME: folder() };
  return providerProbes({
    env,
    cli: { [provider]: file },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
};

describe("the default model", () => {
  const codexOwn = codexSays({ model: null, model_provider: null });
  test.each([
    ["claude", [], claudeSays("claude-opus-5-5"), "claude-opus-5-5"],
    ["claude", ["--model=haiku"], {}, "haiku"],
    ["claude", ["--settings", "/some/file.json"], {}, null],
    ["codex", [], codexOwn, "gpt-big"],
    ["codex", [], codexSays({ model: "of-config" }), "of-config"],
    ["codex", ["-m", "named"], {}, "named"],
    ["codex", ["--profile", "work"], codexOwn, null],
    ["codex", ["--oss"], codexOwn, null],
    ["codex", [], codexSays({ model: null, model_provider: "ollama" }), null],
    ["codex", ["--", "--model", "a prompt"], codexOwn, "gpt-big"],
  ] as const)("of %s %j is the CLI's own answer", async (provider, args, answers, model) => {
    const { file } = fakeCli(answers);
    expect(await probe(provider, file).defaultModel({ provider, args })).toBe(model);
  });

  test("is requested from Claude Code outside a project, without the user's hooks and servers", async () => {
    const { file, starts } = fakeCli(claudeSays("m"));
    const args = ["--settings", '{"model":"opus"}'];
    await probe("claude", file).defaultModel({ provider: "claude", args });
    const [start] = starts();
    expect(start).toMatchObject({ cwd: "/", update: "1" });
    expect(start?.args).toContain("--strict-mcp-config");
    expect(start?.args).toContain('{"model":"opus","disableAllHooks":true}');
  });

  test("is requested from Codex with only the configuration values of the launch", async () => {
    const { file, starts } = fakeCli(codexSays({ model: "m" }));
    const args = ["-c", "a=1", "--full-auto", "--config=b=2", "do it"];
    await probe("codex", file).defaultModel({ provider: "codex", args });
    expect(starts().map((start) => start.args)).toEqual([["app-server", "-c", "a=1", "--config=b=2"]]);
  });

  test("is null for a silent CLI, whose process does not keep running", async () => {
    const { file, starts } = fakeCli({});
    expect(await probe("claude", file, 300).defaultModel({ provider: "claude", args: [] })).toBeNull();
    const pid = starts()[0]?.pid ?? 0;
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"));
  });

  test("is null for a missing CLI, and for another provider", async () => {
    const gone = probe("codex", "/no/such/codex");
    expect(await gone.defaultModel({ provider: "codex", args: [] })).toBeNull();
    expect(await gone.checkProvider({ provider: "gemini", args: [] })).toBeNull();
  });
});

describe("the problem of a provider", () => {
  const helper = ["--settings", '{"apiKeyHelper":"/bin/key"}'];
  test.each([
    [[], '{ "loggedIn": false }', "not-signed-in"],
    [[], '{ "loggedIn": true }', undefined],
    [[], "error: unknown command 'auth'", undefined],
    [helper, '{ "loggedIn": false }', undefined],
    [["--settings", '{"model":"opus"}'], '{ "loggedIn": false }', "not-signed-in"],
  ])("with %j, Claude Code printing %s: %s", async (args, prints, code) => {
    const { file } = fakeCli({}, prints);
    expect((await probe("claude", file).checkProvider({ provider: "claude", args }))?.code).toBe(code);
  });

  test.each([
    [{ account: null, requiresOpenaiAuth: true }, "not-signed-in"],
    [{ account: null, requiresOpenaiAuth: false }, undefined],
    [{ account: { type: "apiKey" }, requiresOpenaiAuth: true }, undefined],
    [{}, undefined],
  ])("Codex with the account %j: %s", async (account, code) => {
    const { file } = fakeCli(codexSays({}, account));
    expect((await probe("codex", file).checkProvider({ provider: "codex", args: [] }))?.code).toBe(code);
  });
});

describe("a flag's value", () => {
  test.each([
    [["--model", "a"], "a"],
    [["--model=a", "-m", "b"], "b"],
    [["--model"], null],
    [["--modelled=a"], null],
    [["--", "--model", "a"], null],
  ])("in %j is %s", (args, value) => {
    expect(valueOf(args, ["--model", "-m"])).toBe(value);
  });
});
