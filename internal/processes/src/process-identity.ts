import { readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/**
 * Distinguishes a process from a later one with the same number. Without Linux's /proc, `start` and
 * `namespace` are null.
 */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly start: string | null;
  /** The namespace that the number belongs to: each container counts its own processes. */
  readonly namespace: string | null;
};

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  start: startOf(process.pid),
  namespace: ownNamespace(),
});

/** The process that the parsed JSON names; null if it names none. */
export const processIdentityIn = (parsed: unknown): ProcessIdentity | null => {
  const { pid, start, namespace } = Object(parsed) as Partial<Record<keyof ProcessIdentity, unknown>>;
  const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return null;
  return isText(start) && isText(namespace) ? { pid, start, namespace } : null;
};

/** Whether a process is known to have ended. For a process of another namespace the answer is false. */
export const hasEnded = ({ pid, start, namespace }: ProcessIdentity): boolean => {
  if (namespace !== ownNamespace()) return false;
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

const ownNamespace = (): string | null => textOf(() => readlinkSync("/proc/self/ns/pid"));

/** Field 22 of the process's `stat` (proc(5)); field 2 may contain spaces and brackets. */
const startOf = (pid: number): string | null => {
  const text = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
};

const textOf = (read: () => string): string | null => {
  try {
    return read();
  } catch (error) {
    systemCode(error);
    return null;
  }
};
