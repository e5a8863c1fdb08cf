import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import process from "node:process";
import { expect } from "vitest";

/** Runs a program to its end. */
export const tryRun = (program: string, ...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });

/** Runs a program with this text on stdin. It must succeed and print nothing on stderr. Returns its stdout. */
export const runWith = (input: string, program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    input,
  });
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
};

/** Runs a program that must succeed and print nothing on stderr. Returns its stdout. */
export const run = (program: string, ...args: readonly string[]): string => runWith("", program, ...args);
