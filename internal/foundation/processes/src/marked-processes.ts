import { readFileSync, readdirSync } from "node:fs";
import process from "node:process";
import { textOf } from "./kernel-text.ts";
import { isZombie } from "./process-identity.ts";

/**
 * The processes that were started with this variable, in any group or session. Reads Linux's /proc, which
 * shows an account the environment of its own processes, and root that of all. Empty on other systems. A
 * process with another environment (`env -i`) is not found.
 */
export const processesWith = (name: string, value: string): readonly number[] =>
  marked(name).flatMap((it) => (it.value === value ? [it.pid] : []));

/** The values of this variable in all running processes, read in one pass. */
export const markedValues = (name: string): ReadonlySet<string> =>
  new Set(marked(name).map(({ value }) => value));

/** True if a process was started with this variable. Linux only. */
export const isMarked = (pid: number, name: string, value: string): boolean =>
  pid !== process.pid && valueOf(pid, `\0${name}=`) === value;

const marked = (name: string): readonly { readonly pid: number; readonly value: string }[] => {
  if (process.platform !== "linux") return [];
  const wanted = `\0${name}=`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .flatMap((pid) => {
      const value = valueOf(pid, wanted);
      return value === null || isZombie(pid) ? [] : [{ pid, value }];
    });
};

const valueOf = (pid: number, wanted: string): string | null => {
  const environment = `\0${textOf(() => readFileSync(`/proc/${pid}/environ`, "latin1")) ?? ""}`;
  const at = environment.indexOf(wanted);
  return at < 0 ? null : (environment.slice(at + wanted.length).split("\0", 1)[0] ?? "");
};
