import { readdirSync, readFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** Linux counts processor time in hundredths of a second on every machine, ms. */
const tickMs = 10;

/**
 * The processor time that the running processes of a group have used, ms. Codex from npm is a script that
 * waits for the program that it starts. Null without Linux's /proc, or if the group has ended.
 */
export const groupTime = (group: number | undefined): number | null => {
  if (group === undefined) return null;
  const times = processes().flatMap((pid) => timeIn(pid, group));
  return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0);
};

const processes = (): readonly string[] => {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch (error) {
    systemCode(error);
    return [];
  }
};

const timeIn = (pid: string, group: number): readonly number[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // `pid (name) state ppid pgrp ...`: the name may contain anything; utime and stime are fields 12 and 13
    // after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[2]) !== group) return [];
    return [(Number(fields[11]) + Number(fields[12])) * tickMs];
  } catch (error) {
    systemCode(error);
    return [];
  }
};
