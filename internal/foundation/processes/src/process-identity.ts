import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { processTable } from "./table/this-process-table.ts";

/**
 * Distinguishes a process from a later one with the same pid. On systems that do not list their processes,
 * `start` and `namespace` are null.
 */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks since boot on Linux, a date on macOS. */
  readonly start: string | null;
  /** The pid namespace of Linux: each container numbers its own processes. */
  readonly namespace: string | null;
};

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  start: startOf(process.pid),
  namespace: processTable.namespace(),
});

/** The running process of this machine with this pid; null if there is none. */
export const runningProcess = (pid: number): ProcessIdentity | null =>
  isRunning(pid) && !isZombie(pid) ? { pid, start: startOf(pid), namespace: processTable.namespace() } : null;

/** The process in parsed JSON; null if it is invalid. */
export const processIdentityIn = (parsed: unknown): ProcessIdentity | null => {
  const { pid, start, namespace } = Object(parsed) as Partial<Record<keyof ProcessIdentity, unknown>>;
  const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return null;
  return isText(start) && isText(namespace) ? { pid, start, namespace } : null;
};

/**
 * True if a process is known to have ended; false for a process of another namespace. A process that has
 * exited and that its parent has not waited for yet (a zombie) still counts as running.
 */
export const hasEnded = ({ pid, start, namespace }: ProcessIdentity): boolean => {
  if (namespace !== processTable.namespace()) return false;
  if (!isRunning(pid)) return true;
  const now = startOf(pid);
  return start !== null && now !== null && now !== start;
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
};

/** True for a zombie: it has exited, and its parent has not read its code. False if unknown. */
export const isZombie = (pid: number): boolean => processTable.find(pid)?.isZombie ?? false;

const startOf = (pid: number): string | null => processTable.find(pid)?.start ?? null;
