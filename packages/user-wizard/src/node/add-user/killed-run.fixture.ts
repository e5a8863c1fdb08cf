import { execFile, spawnSync } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { AddRequest } from "./add-user.ts";
import type { RemoveRequest } from "../remove-user/remove-user.ts";

export type Ended = { readonly killed: boolean; readonly stdout: string };

/** Runs a request in a child process that kills itself after `killAfter` changing calls; 0 never kills. */
export const runChild = async (
  request: AddRequest | RemoveRequest,
  killAfter: number,
  prefix: readonly string[] = [],
): Promise<Ended> => {
  const node = [process.execPath, inject("programs")["add-user-child"]];
  const [file = "", ...args] = [...prefix, ...node, JSON.stringify({ request, killAfter })];
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  try {
    const { stdout } = await promisify(execFile)(file, args, { env });
    return { killed: false, stdout };
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: number };
    // strace exits as its program did.
    if (signal === "SIGKILL" || code === 137) return { killed: true, stdout: "" };
    throw error;
  }
};

/** The points at which a run of this many calls is killed: after each call. */
export const killPoints = (calls: number): readonly number[] =>
  Array.from({ length: calls }, (_, index) => index + 1);

export const inPairs = async (
  numbers: readonly number[],
  work: (n: number) => Promise<void>,
): Promise<void> => {
  const queue = [...numbers];
  const worker = async () => {
    for (let n = queue.shift(); n !== undefined; n = queue.shift()) await work(n);
  };
  await Promise.all([worker(), worker()]);
};

export const noStrace = (): string | null =>
  spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0
    ? null
    : "strace is missing, or may not trace (apt-get install strace)";
