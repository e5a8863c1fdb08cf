// @module-tag rest
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Terminal } from "../ports.ts";
import { terminalContract, type ContractProgram } from "../testing/terminal-contract.ts";
import { openPty, whyNotLoaded } from "./open-pty.ts";

const thisFile = fileURLToPath(import.meta.url);

const scripts: Record<ContractProgram, string> = {
  echo: `
    process.stdin.setRawMode(true);
    process.stdin.on("data", (data) => process.stdout.write("heard " + String(data).trim()));
    process.stdout.write("ready");`,
  "exit-7": `process.stdout.write("bye", () => process.exit(7));`,
  quiet: `process.stdin.resume(); process.stdout.write("ready");`,
  size: `
    process.stdin.resume();
    process.stdout.on("resize", () => process.stdout.write("size " + process.stdout.columns + "x" + process.stdout.rows));
    process.stdout.write("ready");`,
};

const open = async (program: ContractProgram): Promise<Terminal> => {
  const args = ["-e", scripts[program]];
  const opened = await openPty({ file: process.execPath, args, cwd: tmpdir(), env: process.env });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

describe("a PTY keeps the terminal contract", () => {
  for (const { title, check } of terminalContract) test(title, { tags: ["slow"] }, () => check(open));
});

describe("openPty", () => {
  test("says that Bun loses output, and starts nothing there", async () => {
    vi.stubGlobal("Bun", {});
    onTestFinished(() => void vi.unstubAllGlobals());
    const opened = await openPty({ file: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: {} });
    expect(opened).toMatchObject({
      error: { code: "pty-unavailable", message: expect.stringContaining("Bun") },
    });
  });

  test.each([
    {
      title: "the package to install, if the library is not there",
      error: Object.assign(new Error("Cannot find package 'node-pty'"), { code: "ERR_MODULE_NOT_FOUND" }),
      says: expect.stringContaining("npm install node-pty@npm:@lydell/node-pty") as unknown,
    },
    {
      title: "the library's own reason, if it does not load",
      error: new Error("no native module for linux-sparc"),
      says: new Error("no native module for linux-sparc"),
    },
  ])("names $title", ({ error, says }) => expect(whyNotLoaded(error)).toEqual(says));

  test.each([
    {
      title: "a program that is not on PATH",
      file: "no-such-program",
      cwd: tmpdir(),
      says: "no-such-program",
    },
    { title: "a path without a program", file: "/no/such/program", cwd: tmpdir(), says: "/no/such/program" },
    { title: "a file that may not be executed", file: thisFile, cwd: tmpdir(), says: thisFile },
    { title: "a folder as the program", file: tmpdir(), cwd: tmpdir(), says: tmpdir() },
    { title: "a missing folder", file: process.execPath, cwd: "/no/such/folder", says: "/no/such/folder" },
    { title: "a file as the folder", file: process.execPath, cwd: thisFile, says: thisFile },
  ])("says spawn-failed for $title", async ({ file, cwd, says }) => {
    const opened = await openPty({ file, args: [], cwd, env: process.env });
    expect(opened).toMatchObject({ ok: false, error: { code: "spawn-failed" } });
    expect(opened.ok ? "" : opened.error.message).toContain(says);
  });

  test("finds a program by the given PATH, and a relative path from its folder", async () => {
    const bin = dirname(process.execPath);
    const started = await Promise.all([
      openPty({ file: basename(process.execPath), args: ["-e", "0"], cwd: "/", env: { PATH: `/no:${bin}` } }),
      openPty({ file: `./${basename(process.execPath)}`, args: ["-e", "0"], cwd: bin, env: {} }),
    ]);
    for (const opened of started) if (opened.ok) opened.value.kill();
    expect(started.map(({ ok }) => ok)).toEqual([true, true]);
  });

  test("ends the whole process group, not only the program it started", { tags: ["slow"] }, async () => {
    // The child ignores the hangup that comes when its terminal closes.
    const child = "trap '' HUP; echo child $$.; exec sleep 300";
    const script = `process.stdin.resume();
      require("child_process").spawn("sh", ["-c", ${JSON.stringify(child)}], { stdio: "inherit" });`;
    const opened = await openPty({
      file: process.execPath,
      args: ["-e", script],
      cwd: tmpdir(),
      env: process.env,
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const pid = await new Promise<number>((resolve) => {
      let all = "";
      opened.value.onData((data) => {
        all += data;
        const found = /child (\d+)\./.exec(all);
        if (found) resolve(Number(found[1]));
      });
    });
    opened.value.kill();
    await new Promise<void>((resolve) => opened.value.onExit(() => resolve()));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("ends a program right after its start", { tags: ["slow"] }, async () => {
    for (let run = 0; run < 50; run += 1) {
      const opened = await openPty({ file: "sleep", args: ["300"], cwd: tmpdir(), env: process.env });
      if (!opened.ok) throw new Error(opened.error.message);
      opened.value.kill();
      await new Promise<void>((resolve) => opened.value.onExit(() => resolve()));
    }
  });

  test("passes the environment unchanged, without undefined variables", { tags: ["slow"] }, async () => {
    const env = { PATH: process.env["PATH"], ONE: "1", TWO: undefined };
    const script = `process.stdout.write(process.env.ONE + "," + ("TWO" in process.env) + "," + process.env.TERM)`;
    const opened = await openPty({ file: process.execPath, args: ["-e", script], cwd: tmpdir(), env });
    if (!opened.ok) throw new Error(opened.error.message);
    let all = "";
    opened.value.onData((data) => (all += data));
    await expect.poll(() => all).toBe("1,false,xterm-256color");
  });
});

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
