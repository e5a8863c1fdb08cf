import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { systemCode } from "@gatehouse/std";

/** Linux counts processor time in hundredths of a second on every machine, ms. */
const tickMs = 10;

export type GroupWork = {
  /** The processor time that its running processes have used, ms. */
  readonly usedMs: number;
  /** One of them runs, or waits for a processor or a disk. */
  readonly isBusy: boolean;
};

/**
 * The work of the running processes of a group: Codex from npm is a script that waits for the program that it
 * starts. Null without Linux's /proc, or if the group has ended.
 */
export const groupWork = (group: number | undefined): GroupWork | null => {
  if (group === undefined) return null;
  const works = processes().flatMap((pid) => workOf(pid, group));
  if (works.length === 0) return null;
  return {
    usedMs: works.reduce((sum, { usedMs }) => sum + usedMs, 0),
    isBusy: works.some(({ isBusy }) => isBusy),
  };
};

/** How many programs want each processor now, at least 1: `0.20 0.18 0.12 12/345 6789` has 12 that want one. */
export const crowdNow = (): number => {
  try {
    const wanting = Number(/ (\d+)\//.exec(readFileSync("/proc/loadavg", "utf8"))?.[1] ?? 1);
    return Math.max(1, wanting / availableParallelism());
  } catch (error) {
    systemCode(error);
    return 1;
  }
};

const processes = (): readonly string[] => {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch (error) {
    systemCode(error);
    return [];
  }
};

const workOf = (pid: string, group: number): readonly GroupWork[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // `pid (name) state ppid pgrp ...`: the name may contain anything; utime and stime are fields 12 and 13
    // after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[2]) !== group) return [];
    const usedMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
    return [{ usedMs, isBusy: fields[0] === "R" || fields[0] === "D" }];
  } catch (error) {
    systemCode(error);
    return [];
  }
};
