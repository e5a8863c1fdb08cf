import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Failure } from "@gatehouse/cli-kit";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { exchange } from "@nc/cli-scope/node";
import { withOwnersRights } from "./act-for-owner.ts";
import { hostSocketIn } from "./host-socket.ts";

export type HostQuestion = {
  readonly command: "status" | "reload" | "stop" | "take-over";
  /** Time limit for the start of a host and its answer, s. */
  readonly seconds: number;
  /** Ends the wait for a host that starts: the error is then `host-silent`. */
  readonly signal?: AbortSignal;
};

/** Why no host answered. */
export type HostProblem =
  | { readonly code: "no-host" }
  /** Another account's host: only its account and root may ask it. */
  | { readonly code: "not-permitted" }
  /** A host holds the folder and does not answer. `holder` is the text of its lock: `pid 4711 since 2026-11-20T08:00:00.000Z`. */
  | { readonly code: "host-silent"; readonly holder: string | null }
  | { readonly code: "host-failed"; readonly message: string };

const pollEveryMs = 50;

/**
 * Asks the host of a data folder, and resolves with its answer. Waits for a host that still starts: it holds the lock of the
 * folder and has no socket yet.
 */
export const askHost = async (
  dataDir: string,
  { command, seconds, signal }: HostQuestion,
): Promise<Result<unknown, HostProblem>> => {
  const path = hostSocketIn(dataDir);
  const request = { id: "1", command, args: {} };
  for (let left = seconds; ; left -= pollEveryMs / 1000) {
    const answer = await exchange({ path, request, seconds: left });
    if (answer.ok)
      return answer.value.ok
        ? ok(answer.value.data)
        : fail({ code: "host-failed", message: answer.value.error.message });
    if (answer.error.code === "not-allowed") return fail({ code: "not-permitted" });
    const held = await holderOf(dataDir);
    if (held === null) return fail({ code: "no-host" });
    const isLate = answer.error.code === "timeout" || left <= pollEveryMs / 1000;
    if (isLate || signal?.aborted === true) return fail({ code: "host-silent", holder: held.text });
    await pause(pollEveryMs);
  }
};

/** The host of a data folder, as another process sees it. */
export type RunningHost = {
  readonly pid: number | null;
  /** Null for a program without a version, and for a host that does not answer. */
  readonly version: string | null;
  /** When it started: ISO 8601, UTC. */
  readonly since: string | null;
  /** False for a host that holds the folder and does not answer. */
  readonly answers: boolean;
};

/** The time limit for an answer to `status`, s. */
const statusSeconds = 5;

/** Finds the host of a data folder. Null if there is none, and for an account that may not ask. */
export const runningHost = async (dataDir: string): Promise<RunningHost | null> => {
  const asked = await askHost(dataDir, { command: "status", seconds: statusSeconds });
  if (asked.ok) return statusIn(asked.value);
  const { error } = asked;
  if (error.code === "no-host" || error.code === "not-permitted") return null;
  const holder = error.code === "host-silent" ? error.holder : null;
  const [, pid, since] = /^pid (\d{1,10}) since ([\dT:.Z-]+)$/.exec(holder?.trim() ?? "") ?? [];
  return { pid: pid === undefined ? null : Number(pid), version: null, since: since ?? null, answers: false };
};

/** The host's account writes the answer, and root may read it: no control character goes on. */
const statusIn = (data: unknown): RunningHost => {
  const { pid, version, since } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const plain = (value: unknown): string | null =>
    typeof value === "string" && /^[\w.:+-]+$/.test(value) ? value : null;
  return {
    pid: typeof pid === "number" ? pid : null,
    version: plain(version),
    since: plain(since),
    answers: true,
  };
};

/** True while the process with this id holds the data folder. */
export const holdsFolder = async (dataDir: string, pid: number): Promise<boolean> => {
  const held = await holderOf(dataDir);
  return held !== null && (held.text === null || held.text.startsWith(`pid ${pid} `));
};

/** The text of the lock that a host holds, null before it is written. Null if no process holds the lock. */
const holderOf = async (dataDir: string): Promise<{ readonly text: string | null } | null> => {
  const path = join(dataDir, "host.lock");
  if (!existsSync(path)) return null;
  return withOwnersRights(dataDir, async () => {
    const lock = await acquireFileLock({ path, timeoutMs: 0 });
    if (lock.ok) await lock.value.release();
    // Other errors are about the file: nothing holds it.
    return !lock.ok && lock.error.code === "lock-timeout" ? { text: lock.error.holder } : null;
  });
};

/** Explains why a host of a data folder did not answer. */
export const explainHost = (
  dataDir: string,
  problem: Exclude<HostProblem, { readonly code: "no-host" }>,
): Failure => {
  const { code } = problem;
  switch (code) {
    case "not-permitted":
      return {
        code,
        message: `The host of ${dataDir} may be asked by its own account alone.`,
        fix: "run this as the account that started the host",
      };
    case "host-silent":
      return {
        code,
        message: `The host of ${dataDir}${problem.holder === null ? "" : ` (${problem.holder})`} does not answer.`,
        fix: "follow its log with gatehouse logs -f",
      };
    case "host-failed":
      return {
        code,
        message: `The host of ${dataDir} failed: ${problem.message}`,
        fix: "read its lines, or gatehouse logs",
      };
  }
};
