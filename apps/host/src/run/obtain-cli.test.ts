// @module-tag rest
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeAgentBed, setUp, type AgentBed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const pinned = "@anthropic-ai/claude-code@2.1.332";

/**
 * Puts a program named npm first on PATH. It logs its arguments and runs `body`, in which `$folder` is the folder to
 * install into.
 */
const standInForNpm = ({ bin, home }: AgentBed, body: string): void => {
  const script = `#!/bin/sh\necho "$@" >> "${home}/npm.log"\nfolder="$3"\n${body}\n`;
  writeFileSync(join(bin, "npm"), script);
  chmodSync(join(bin, "npm"), 0o755);
};

/** A body that makes the files of an npm install, with the fake Claude as the program. */
const fetches = ({ bin, fakeClaude }: AgentBed): string =>
  [
    `mkdir -p "$folder/node_modules/.bin"`,
    `ln -s "${fakeClaude}" "$folder/node_modules/.bin/claude"`,
    `cp "${bin}/fake-claude.json" "$folder/node_modules/.bin/"`,
  ].join("\n");

const npmCalls = ({ home }: AgentBed): string[] =>
  existsSync(join(home, "npm.log")) ? readFileSync(join(home, "npm.log"), "utf8").trim().split("\n") : [];

const cliFolders = ({ home }: AgentBed): string[] => {
  const folder = join(home, ".gatehouse", "cli");
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** The names of the variables with which the fake Claude was last started. */
const lastEnvironment = ({ notes }: AgentBed): readonly string[] =>
  notes().findLast(({ event }) => event === "start")?.env ?? [];
const offSwitches = ["DISABLE_AUTOUPDATER", "DISABLE_UPDATES"];

test("a fetched CLI is started with its updates off, and an installed CLI with its updates on", async () => {
  const bed = makeAgentBed({ isInstalled: false });
  standInForNpm(bed, fetches(bed));
  const terminal = await bed.openTerminal("$gatehouse run project --install-cli");
  await terminal.sees("Claude Code 100 x 30");
  expect(lastEnvironment(bed)).toEqual(expect.arrayContaining(offSwitches));

  const installed = makeAgentBed({});
  const another = await installed.openTerminal("$gatehouse run project");
  await another.sees("Claude Code 100 x 30");
  expect(lastEnvironment(installed).filter((name) => offSwitches.includes(name))).toEqual([]);
});

describe("a missing CLI", () => {
  test.for([{ flag: "--install-cli" }, { flag: "--yes" }])(
    "is installed into the data folder with $flag, and found there by the next run",
    slow,
    async ({ flag }) => {
      const bed = makeAgentBed({ isInstalled: false });
      standInForNpm(bed, fetches(bed));
      const first = await bed.run(["run", bed.project, "--json", flag]);
      expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, agent: { state: "ready" } });
      expect((await bed.run(["run", bed.project, "--json"])).code).toBe(0);
      expect(npmCalls(bed)).toEqual([expect.stringMatching(new RegExp(`^install --prefix .* ${pinned}$`))]);
      expect(cliFolders(bed)).toEqual(["claude-2.1.332"]);
      expect(statSync(join(bed.home, ".gatehouse")).mode & 0o777).toBe(0o711);
    },
  );

  test("is neither installed into nor started from a data folder that others may write", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, fetches(bed));
    await bed.run(["run", bed.project, "--json", "--install-cli"]);
    const dataDir = join(bed.home, ".gatehouse");
    chmodSync(dataDir, 0o777);
    const found = await bed.run(["run", bed.project, "--json"]);
    expect(JSON.parse(found.stdout)).toMatchObject({ ok: false, agent: { code: "cli-not-found" } });
    rmSync(join(dataDir, "cli"), { recursive: true });
    const { code, stdout } = await bed.run(["run", bed.project, "--json", "--install-cli"]);
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 1,
      said: { ok: false, error: { code: "data-folder-unsafe" } },
    });
    expect(existsSync(join(dataDir, "cli"))).toBe(false);
  });

  test("is not fetched from npm without a flag or a person's consent", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, fetches(bed));
    const { code, stdout } = await bed.run(["run", bed.project, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      preflight: {
        results: [
          {
            code: "cli-not-found",
            fix: expect.stringMatching(new RegExp(`--install-cli.*npm install -g ${pinned}`)) as unknown,
          },
        ],
      },
      agent: null,
    });
    expect(npmCalls(bed)).toEqual([]);
  });

  test("is not installed in place of the one that --claude names", slow, async () => {
    const bed = makeAgentBed();
    const { stdout } = await bed.run([
      "run",
      bed.project,
      "--json",
      "--yes",
      "--claude",
      "/proc/nowhere/claude",
    ]);
    const fix = expect.stringMatching(/^npm install -g \S+ {3}\(or name it with --claude PATH\)$/) as unknown;
    expect(JSON.parse(stdout)).toMatchObject({ preflight: { results: [{ code: "cli-not-found", fix }] } });
  });

  test.for([
    {
      what: "the registry cannot be reached",
      body: "echo 'npm error code ENOTFOUND' >&2; exit 1",
      code: "registry-unreachable",
    },
    {
      what: "the fetched program does not run",
      body: `mkdir -p "$folder/node_modules"`,
      code: "install-failed",
    },
  ])("is an error with its reason if $what, and leaves no folder behind", slow, async ({ body, code }) => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, body);
    const ended = await bed.run(["run", bed.project, "--json", "--yes"]);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      ok: false,
      error: {
        code,
        message: expect.any(String) as unknown,
        fix: expect.stringContaining(pinned) as unknown,
      },
    });
    expect(cliFolders(bed)).toEqual([]);
  });

  test("is installed if the person at the terminal agrees", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, fetches(bed));
    const terminal = await bed.openTerminal("$gatehouse run project");
    await terminal.sees(/not installed\. Install 2\.1\.332/);
    terminal.pty.write("y");
    await terminal.sees("Claude Code 100 x 30");
  });

  test("is not installed if the person says no", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, fetches(bed));
    const terminal = await bed.openTerminal("$gatehouse run project; echo code $?; read line");
    await terminal.sees(/not installed\. Install 2\.1\.332/);
    terminal.pty.write("n");
    await terminal.sees("cli-not-found");
    await terminal.sees("code 1");
    expect(npmCalls(bed)).toEqual([]);
  });

  /** Records the trust of the project, so that the preflight needs no CLI. */
  const trustProject = ({ stateFile, project }: AgentBed): void => {
    const projects = { [project]: { hasTrustDialogAccepted: true } };
    writeFileSync(stateFile, JSON.stringify({ ...setUp, projects }));
  };

  test.for([
    { what: "if none was found", flags: [], fix: "--install-cli" },
    {
      what: "if --claude names a missing file",
      flags: ["--claude", "/proc/nowhere/claude"],
      fix: "npm install -g",
    },
  ])("is an error in a trusted folder, too, $what", slow, async ({ flags, fix }) => {
    const bed = makeAgentBed({ isInstalled: false });
    trustProject(bed);
    const { code, stdout } = await bed.run(["run", bed.project, "--json", ...flags]);
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 1,
      said: {
        ok: false,
        preflight: { ok: true },
        agent: { state: "failed", code: "cli-not-found", fix: expect.stringContaining(fix) as unknown },
      },
    });
    const plain = await bed.run(["run", bed.project, ...flags]);
    expect(plain.code).toBe(1);
    expect(plain.stdout).toMatch(/^failed .*was not found.*cli-not-found$/m);
  });

  test("is not installed on Ctrl-C at the question, which ends the command with 130", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, fetches(bed));
    const terminal = await bed.openTerminal(
      "$gatehouse run project 2>said; echo code $?; cat said; read line",
    );
    await expect.poll(() => readFileSync(join(bed.home, "..", "said"), "utf8")).toMatch(/not installed/);
    terminal.pty.write("\x03");
    await terminal.sees("code 130");
    const said = readFileSync(join(bed.home, "..", "said"), "utf8");
    expect(said).not.toContain("cli-not-found");
    expect(said).toContain("Cancelled");
    expect(npmCalls(bed)).toEqual([]);
  });

  test("leaves no folder behind if its installation is interrupted", slow, async () => {
    const bed = makeAgentBed({ isInstalled: false });
    standInForNpm(bed, "exec sleep 600");
    let pid = 0;
    const ended = bed.run(["run", bed.project, "--json", "--yes"], (started) => (pid = started));
    await expect.poll(() => npmCalls(bed).length).toBe(1);
    process.kill(pid, "SIGTERM");
    const { code, stdout } = await ended;
    expect(code).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "cancelled" } });
    expect(cliFolders(bed)).toEqual([]);
  });
});
