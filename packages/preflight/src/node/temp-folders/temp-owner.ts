import { readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** How our folders in TMPDIR are called. The name alone proves nothing. */
export const tempPrefix = "workspace-trust-";

/** The file in such a folder that says whose it is. */
export const ownerFile = ".workspace-trust-owner.json";

/** A process. Without Linux's /proc it has no start and no namespace. */
export type Owner = {
  readonly pid: number;
  /** Clock ticks since the machine's start: a later process of this number has another. */
  readonly start: string | null;
  /** Containers that share a TMPDIR count their processes each for itself. */
  readonly namespace: string | null;
};

export const ownerNow = (): Owner => ({
  pid: process.pid,
  start: startOf(process.pid),
  namespace: namespaceNow(),
});

/** The owner that a parsed file names; null where it is no such file. */
export const ownerIn = (parsed: unknown): Owner | null => {
  const { pid, start, namespace } = Object(parsed) as Partial<Record<keyof Owner, unknown>>;
  const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return null;
  return isText(start) && isText(namespace) ? { pid, start, namespace } : null;
};

/** Whether a process is known to have ended: one of another namespace is not. */
export const isGone = ({ pid, start, namespace }: Owner): boolean => {
  if (namespace !== namespaceNow()) return false;
  if (!isThere(pid)) return true;
  const now = startOf(pid);
  return start !== null && now !== null && now !== start;
};

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
};

const namespaceNow = (): string | null => textOf(() => readlinkSync("/proc/self/ns/pid"));

/** The 22nd field of its `stat` (proc(5)); the second one may hold spaces and brackets. */
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
