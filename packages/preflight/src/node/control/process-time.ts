import { existsSync, readdirSync } from "node:fs";
import { statOf } from "@gatehouse/processes";

/** Linux counts processor time in hundredths of a second on every machine, ms. */
const tickMs = 10;

export type GroupWork = {
  /** The processor time that the group's running processes have used, ms. */
  readonly usedMs: number;
  /** True if one of them runs, or waits for a processor or a disk. */
  readonly isBusy: boolean;
};

/**
 * The work of a group's running processes: Codex from npm is a script that starts the program and waits for it. Null
 * without Linux's /proc, or if the group has ended.
 */
export const groupWork = (group: number | undefined): GroupWork | null => {
  if (group === undefined || !existsSync("/proc/self/stat")) return null;
  const works = readdirSync("/proc").flatMap((name) =>
    /^\d+$/.test(name) ? workOf(Number(name), group) : [],
  );
  if (works.length === 0) return null;
  return {
    usedMs: works.reduce((sum, { usedMs }) => sum + usedMs, 0),
    isBusy: works.some(({ isBusy }) => isBusy),
  };
};

/** The fields start with the third one of /proc/<pid>/stat: state, parent, group; the used times are the 12th and 13th. */
const workOf = (pid: number, group: number): readonly GroupWork[] => {
  const fields = statOf(pid) ?? [];
  if (Number(fields[2]) !== group) return [];
  const usedMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
  return [{ usedMs, isBusy: fields[0] === "R" || fields[0] === "D" }];
};
