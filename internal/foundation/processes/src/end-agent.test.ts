import { mkdirSync, mkdtempSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Terminal } from "@trust/dialog-engine";
import { openPty } from "@trust/dialog-engine/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { endAgent, exitOf } from "./end-agent.ts";

const slow = { tags: ["slow"] };

/** Starts a program in a PTY, and waits for its first output. */
const start = async (script: string): Promise<Terminal> => {
  const source = `${script}; process.stdout.write("there"); setInterval(() => {}, 1000)`;
  const opened = await openPty({
    file: process.execPath,
    args: ["-e", source],
    cwd: tmpdir(),
    env: process.env,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const terminal = opened.value;
  onTestFinished(() => terminal.kill());
  let seen = "";
  terminal.onData((data) => (seen += data));
  await expect.poll(() => seen).toContain("there");
  return terminal;
};

const makeStateFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, ".claude.json");
};

describe("endAgent", () => {
  test.for([
    {
      what: "a program that ends at SIGTERM",
      script: "process.on('SIGTERM', () => process.exit(5))",
      exit: { exitCode: 5 },
    },
    {
      what: "a program that ignores SIGTERM",
      script: "process.on('SIGTERM', () => {})",
      exit: { signal: 9 },
    },
  ])("ends $what", slow, async ({ script, exit }) => {
    expect(await endAgent(await start(script), makeStateFile())).toMatchObject(exit);
  });

  test("waits until the CLI has released its own lock", slow, async () => {
    const stateFile = makeStateFile();
    mkdirSync(`${stateFile}.lock`);
    const terminal = await start("process.on('SIGTERM', () => process.exit(5))");
    let isEnded = false;
    const ended = endAgent(terminal, stateFile).then(() => (isEnded = true));
    // In this time a program would end if it had been signalled at once.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(isEnded).toBe(false);
    rmdirSync(`${stateFile}.lock`);
    await ended;
  });

  test("does nothing for a program that has ended", slow, async () => {
    const terminal = await start("setTimeout(() => process.exit(3), 1)");
    await exitOf(terminal);
    expect(await endAgent(terminal, makeStateFile())).toMatchObject({ exitCode: 3 });
  });
});
