import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "./cli.ts";

/** Runs the command line in this process, up to the start of an agent. */
const run = (...args: string[]): Promise<Ended> => runAt("/proc/nowhere", ...args);

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

const runAt = async (home: string, ...args: string[]): Promise<Ended> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { PATH: "/proc/nowhere", HOME: home },
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(args, "1.2.3", io);
  return { code, stdout, stderr };
};

const given = { provider: "codex", cwd: "/tmp", settings: "{}" };
const flags = (changed: Partial<typeof given>): string[] =>
  Object.entries({ ...given, ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );

describe("orchestrator-adapter", () => {
  test.for([
    { what: "settings that are not JSON", args: flags({ settings: '{"token":"sk-secret"' }) },
    { what: "settings that are a file", args: flags({ settings: "/etc/settings.json" }) },
    { what: "a missing settings file", args: flags({ settings: "@/proc/nowhere/settings.json" }) },
    { what: "no settings", args: flags({}).slice(0, 4) },
    { what: "no folder", args: flags({}).toSpliced(2, 2) },
    { what: "a provider that does not exist", args: flags({ provider: "hal" }) },
    { what: "a CLI for an unknown provider", args: [...flags({}), "--cli", "hal=/bin/true"] },
    { what: "a name for an agent that is not held", args: [...flags({}), "--member", "ana"] },
    { what: "a flag of a launch for an agent that is held", args: ["--hold", ...flags({})] },
    { what: "a flag that does not exist", args: [...flags({}), "--force"] },
  ])("reports $what as a usage error, as a document with --json", async ({ args }) => {
    const { code, stdout, stderr } = await run(...args, "--json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
    expect(stdout).not.toContain("sk-secret");
    const { stderr: messages, ...plain } = await run(...args);
    expect(plain).toEqual({ code: 2, stdout: "" });
    expect(messages).toMatch(/^error: /);
    expect(messages).not.toContain("sk-secret");
  });

  test.for([
    { what: "a usage error", args: flags({ settings: "no JSON" }), code: 2 },
    { what: "a failure", args: flags({ cwd: "/proc/nowhere" }), code: 1 },
  ])("reports $what as text if --json belongs to the agent", async ({ args, code }) => {
    const ended = await run(...args, "--", "exec", "--json");
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toMatch(/^error: /);
    const asked = await run(...args, "--json", "--", "exec", "--json");
    expect(JSON.parse(asked.stdout)).toMatchObject({ ok: false });
  });

  test.for([
    { what: "no such folder", args: flags({ cwd: "/proc/nowhere" }), code: "not-a-folder" },
    { what: "no CLI", args: flags({}), code: "cli-not-found" },
    {
      what: "no CLI at its path",
      args: [...flags({}), "--cli", "codex=/proc/nowhere"],
      code: "cli-not-found",
    },
  ])("fails if there is $what", async ({ args, code }) => {
    const ended = await run(...args, "--json");
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, error: { code } });
    expect(await run(...args)).toMatchObject({ code: 1, stdout: "" });
  });

  test("escapes line ends and control characters of a folder's name", async () => {
    const home = mkdtempSync(join(tmpdir(), "adapter-cli-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const folder = join(home, "a\u001b[2J\nclaude waits for a prompt");
    mkdirSync(folder);
    const { code, stderr } = await runAt(
      home,
      ...["--provider", "claude", "--cwd", folder, "--settings", "{}", "--cli", "claude=/bin/true"],
    );
    expect(code).toBe(3);
    expect(stderr).toContain("a\\u{1b}[2J\\u{a}claude waits");
    expect(stderr.split("\n")).toHaveLength(2);
  });

  test.for([
    { what: "a CLI of the data folder with its updates disabled", isFetched: true },
    { what: "a CLI on PATH with its updates unchanged", isFetched: false },
  ])("starts $what", async ({ isFetched }) => {
    const home = mkdtempSync(join(tmpdir(), "adapter-cli-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const bin = isFetched ? join(home, ".gatehouse/cli/claude-2.1.332/node_modules/.bin") : join(home, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync("/bin/true", join(bin, "claude"));
    const named = isFetched ? [] : ["--cli", `claude=${join(bin, "claude")}`];
    const flagsOfRun = ["--provider", "claude", "--cwd", home, "--settings", "{}", "--dry-run", "--json"];
    const { stdout } = await runAt(home, ...flagsOfRun, ...named);
    const { argv, env } = JSON.parse(stdout) as { argv: readonly string[]; env: readonly string[] };
    expect(argv).toEqual([join(bin, "claude")]);
    const off = ["DISABLE_AUTOUPDATER", "DISABLE_UPDATES"];
    expect(env.filter((name) => off.includes(name))).toEqual(isFetched ? off : []);
  });

  test("shows examples and exit codes", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain("3 the folder is not trusted");
    expect(stdout).toContain("one JSON object a line");
  });

  test("explains with --hold the description on stdin", async () => {
    const { code, stdout } = await run("--hold", "--help");
    expect(code).toBe(0);
    for (const field of [
      "member",
      "provider",
      "folder",
      "team",
      "settings",
      "args",
      "prompt",
      "consents",
      "cli",
    ])
      expect(stdout).toMatch(new RegExp(`\\b${field} {3}`));
  });

  test("prints its version", async () =>
    expect(await run("--version")).toMatchObject({ code: 0, stdout: "1.2.3\n" }));

  test("reads settings from the file after @, and repeats none of them", async () => {
    const home = mkdtempSync(join(tmpdir(), "adapter-cli-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const file = join(home, "settings.json");
    writeFileSync(file, "{}");
    const read = await runAt(home, ...flags({ settings: `@${file}` }), "--json");
    expect(JSON.parse(read.stdout)).toMatchObject({ error: { code: "cli-not-found" } });
    writeFileSync(file, '{"token":"sk-secret"');
    const torn = await runAt(home, ...flags({ settings: `@${file}` }));
    expect(torn.code).toBe(2);
    expect(torn.stderr).toMatch(/settings\.json is not JSON/);
    expect(torn.stderr).not.toContain("sk-secret");
  });
});
