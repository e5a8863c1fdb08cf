import { readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { lastingText, textOf } from "./kernel-text.ts";

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

/** A process of this machine that runs; null where there is none with this number. */
export const runningProcess = (pid: number): ProcessIdentity | null =>
  isRunning(pid) && !isZombie(pid) ? { pid, start: startOf(pid), namespace: ownNamespace() } : null;

/** The process that the parsed JSON names; null if it names none. */
export const processIdentityIn = (parsed: unknown): ProcessIdentity | null => {
  const { pid, start, namespace } = Object(parsed) as Partial<Record<keyof ProcessIdentity, unknown>>;
  const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return null;
  return isText(start) && isText(namespace) ? { pid, start, namespace } : null;
};

/**
 * Whether a process is known to have ended. For a process of another namespace the answer is false. A process
 * that has exited and that its parent has not waited for yet (a zombie) still counts as running.
 */
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

/** The namespace of process numbers that this process is in; null without Linux's /proc. */
export const ownNamespace: () => string | null = lastingText(() => readlinkSync("/proc/self/ns/pid"));

/** Whether a process has exited, and only its parent keeps its number. False without /proc. */
export const isZombie = (pid: number): boolean => /^[ZX]$/.test(statOf(pid)?.[0] ?? "");

const startOf = (pid: number): string | null => statOf(pid)?.[19] ?? null;

/**
 * The fields of the process's `stat` (proc(5)) from the third on; the second may contain spaces and brackets.
 * Null without /proc, and for a process that is gone.
 */
export const statOf = (pid: number): readonly string[] | null => {
  const text = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
};
