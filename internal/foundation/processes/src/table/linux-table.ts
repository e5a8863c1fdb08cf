import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

/** The text of a kernel file; null if there is no such file. */
export const textOf = (read: () => string): string | null => {
  try {
    return read();
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** Like `textOf`, for a text that stays constant while this process runs: it is read once. */
const lastingText = (read: () => string): (() => string | null) => {
  let known: string | null = null;
  return () => (known ??= textOf(read));
};

/**
 * The fields of the process's `stat` (proc(5)) from the third on; the second may contain spaces and brackets.
 * Null without /proc, and for a process that has ended.
 */
const statOf = (pid: number): readonly string[] | null => {
  const text = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
};

const find = (pid: number): ProcessEntry | null => {
  const fields = statOf(pid);
  if (fields === null) return null;
  const [state = "", , group = ""] = fields;
  const { 19: start = "" } = fields;
  return { pid, group: Number(group), isZombie: /^[ZX]$/.test(state), start };
};

const numbers = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The process table of Linux, from /proc. */
export const linuxTable: ProcessTable = {
  find,
  all: () => numbers().flatMap((pid) => find(pid) ?? []),
  boot: lastingText(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  namespace: lastingText(() => readlinkSync("/proc/self/ns/pid")),
  working: () =>
    numbers().flatMap((pid) => {
      // Null if the process has ended meanwhile, or belongs to another account.
      const folder = textOf(() => readlinkSync(`/proc/${pid}/cwd`));
      return folder === null ? [] : [{ pid, folder }];
    }),
};
