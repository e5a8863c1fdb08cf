import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import process from "node:process";
import { expect } from "vitest";

/** Runs a program to its end. */
export const tryRun = (program: string, ...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });

/** Runs a program that has to succeed without a word on stderr, and returns its stdout. */
export const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = tryRun(program, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
};
