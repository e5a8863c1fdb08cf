import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { setImmediate as others } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import { isMarked, processesWith } from "./marked-processes.ts";

/** After this nothing more is tried, ms. */
const longestMs = 4_000;

/**
 * How long the newest process is watched: looks, and the time that they take at least, ms. A process that forks every
 * 0.2 ms and ends is in no list by the time that it is signalled; it starts 15 others in 3 ms.
 */
const [quietLooks, quietMs] = [100, 3];

/** Other work of this program waits for one watch, at most this long, ms. */
const sliceMs = 20;

/** Rounds without a find, once one was found: on a busy machine the next may wait for a processor. */
const quietRounds = 10;

/**
 * Kills the processes that were started with this variable, and those that they start meanwhile. Resolves with
 * whether none is left. Linux only: elsewhere no process shows its variables.
 */
export const endMarked = async (name: string, value: string): Promise<boolean> => {
  if (process.platform !== "linux") return true;
  const kill = (pid: number): boolean => isMarked(pid, name, value) && killOne(pid);
  const newest = newestProcess();
  const deadline = performance.now() + longestMs;
  try {
    for (let [round, left] = [0, 1]; performance.now() < deadline; round += 1) {
      if (round > 0) await others();
      const listed = processesWith(name, value);
      for (const pid of listed) killOne(pid);
      const hasFound = killNewest(newest, kill) || listed.length > 0;
      left = hasFound ? quietRounds : left - 1;
      if (left === 0) return true;
    }
    return false;
  } finally {
    newest.close();
  }
};

/** Kills each new process that `kill` takes, until none comes for a while. Returns whether one came. */
const killNewest = ({ pid: newest }: Newest, kill: (pid: number) => boolean): boolean => {
  const end = performance.now() + sliceMs;
  let until = performance.now() + quietMs;
  let hasFound = false;
  let last = newest();
  for (
    let count = 0;
    (count < quietLooks || performance.now() < until) && performance.now() < end;
    count += 1
  ) {
    const next = newest();
    // Numbers are given in order, so those in between began since the last look. They begin anew after the last one.
    for (let pid = next > last && next - last < mostBetween ? last : next; pid <= next; pid += 1) {
      if (!kill(pid)) continue;
      [hasFound, count, until] = [true, 0, performance.now() + quietMs];
    }
    last = next;
  }
  return hasFound;
};

/** More that began between two looks are somebody else's, or threads. */
const mostBetween = 64;

type Newest = { readonly pid: () => number; readonly close: () => void };

/** The process or thread that began last. The file stays open: each look takes some microseconds. */
const newestProcess = (): Newest => {
  const descriptor = openSync("/proc/loadavg", "r");
  const buffer = Buffer.alloc(128);
  return {
    pid: () => {
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      return Number(buffer.toString("latin1", 0, length).split(" ")[4]);
    },
    close: () => closeSync(descriptor),
  };
};

/** False for one that has ended meanwhile. One that may not be signalled is found again, until the time is over. */
const killOne = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
    return code === "EPERM";
  }
};
