import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openPty } from "@trust/dialog-engine/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endFrozen } from "./end-frozen.ts";
import { systemCode } from "@gatehouse/std";

/** Acquires its lock again and again, as Claude does while its composer starts: 3 ms held, 0.15 ms free. */
const busyWriter = `
  const { mkdirSync, rmdirSync } = require("node:fs");
  const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  for (;;) { mkdirSync(process.argv[1]); spin(3); rmdirSync(process.argv[1]); spin(0.15); }
`;

/** Acquires its lock and keeps it. */
const stuckWriter = `
  require("node:fs").mkdirSync(process.argv[1]);
  setInterval(() => {}, 1000);
`;

let folder: string;
let stateFile: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "end-frozen-"));
  stateFile = join(folder, ".claude.json");
  lock = `${stateFile}.lock`;
  await writeFile(stateFile, "{}");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const started = async (program: string) => {
  const args = ["-e", program, lock];
  const opened = await openPty({
    file: process.execPath,
    args,
    cwd: folder,
    env: { PATH: process.env["PATH"] },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  await expect.poll(() => existsSync(lock)).toBe(true);
  return opened.value;
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
};

describe("endFrozen", () => {
  test("leaves no lock of the files in alsoLocked behind", { tags: ["slow"] }, async () => {
    const terminal = await started(busyWriter);
    const { isFree, reaped } = await endFrozen(terminal, join(folder, "state.json"), 5_000, [stateFile]);
    await reaped;
    expect([isFree, existsSync(lock), isRunning(terminal.pid)]).toEqual([true, false, false]);
  });

  test("leaves no lock behind even if the program acquires it all the time", { tags: ["slow"] }, async () => {
    for (let run = 0; run < 10; run += 1) {
      const terminal = await started(busyWriter);
      const { isFree, reaped } = await endFrozen(terminal, stateFile, 5_000);
      await reaped;
      expect(isFree).toBe(true);
      expect({ lock: existsSync(lock), running: isRunning(terminal.pid) }).toEqual({
        lock: false,
        running: false,
      });
    }
  });

  test("ends a program that never releases its lock after the timeout, and reports the lock", async () => {
    const terminal = await started(stuckWriter);
    const { isFree, reaped } = await endFrozen(terminal, stateFile, 50);
    await reaped;
    expect(isFree).toBe(false);
    expect(isRunning(terminal.pid)).toBe(false);
  });

  test("does not wait for a lock whose owner has ended by itself", async () => {
    const terminal = await started(`require("node:fs").mkdirSync(process.argv[1]);`);
    const { isFree } = await endFrozen(terminal, stateFile, 60_000);
    expect(isFree).toBe(false);
  });
});
