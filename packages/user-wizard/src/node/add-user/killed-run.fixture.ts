import { execFile, spawnSync } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { AddRequest } from "./add-user.ts";
import type { RemoveRequest } from "../remove-user/remove-user.ts";

export type Ended = { readonly killed: boolean; readonly stdout: string };

/** Runs it in a process of its own, which is killed after so many changing calls. */
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
    // strace ends as its program did.
    if (signal === "SIGKILL" || code === 137) return { killed: true, stdout: "" };
    throw error;
  }
};

/** From one point at which a run is killed to the next: CI tries each. */
export const killStep: number = inject("shareOfCases") === 1 ? 1 : 3;

/** Points among so many calls: the last one, and the others from any of the first few on. */
export const killPoints = (calls: number): readonly number[] => {
  const first = 1 + Math.floor(Math.random() * killStep);
  const points = Array.from({ length: calls }, (_, index) => index + 1);
  return points.filter((point) => point === calls || (point - first) % killStep === 0);
};

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
    : "strace is not there, or may not trace (apt-get install strace)";
