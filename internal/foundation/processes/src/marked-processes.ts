import { Buffer } from "node:buffer";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import process from "node:process";
import { setImmediate as others } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import { textOf } from "./table/linux-table.ts";
import { isZombie } from "./process-identity.ts";

/**
 * The pids of the processes that were started with this variable, in any group or session. Reads Linux's /proc,
 * which shows the environment of an account's own processes, and all environments to root. Empty on other systems.
 * A process with a replaced environment (`env -i`) is not found.
 */
export const processesWith = (name: string, value: string): readonly number[] =>
  marked(name).flatMap((it) => (it.value === value ? [it.pid] : []));

/** The values of this variable in all running processes, read in one pass. */
export const markedValues = (name: string): ReadonlySet<string> =>
  new Set(marked(name).map(({ value }) => value));

/** True if a process was started with this variable. Linux only. */
const isMarked = (pid: number, name: string, value: string): boolean =>
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

/** Time limit of all attempts, ms. */
const longestMs = 4_000;

/**
 * How long to watch for new processes: minimum number of checks, and minimum time, ms. A process that forks
 * every 0.2 ms and exits is gone from a list before it can be signalled; it starts 15 others in 3 ms.
 */
const [quietChecks, quietMs] = [100, 3];

/** Maximum time of one watch, during which other work of this program waits, ms. */
const sliceMs = 20;

/** Rounds without a found process before the end: on a busy machine the next process may wait for a processor. */
const quietRounds = 10;

/**
 * Kills the processes that were started with this variable, and those that they start meanwhile. Resolves to
 * true if none is left. Linux only: on other systems a process does not show its variables.
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

/**
 * Kills each new process that `kill` accepts, until none appears for a while. Returns true if one appeared.
 */
const killNewest = ({ pid: newest }: Newest, kill: (pid: number) => boolean): boolean => {
  const end = performance.now() + sliceMs;
  let until = performance.now() + quietMs;
  let hasFound = false;
  let last = newest();
  for (
    let count = 0;
    (count < quietChecks || performance.now() < until) && performance.now() < end;
    count += 1
  ) {
    const next = newest();
    // The kernel gives pids in order, so the pids in between belong to processes that began since the last
    // check. After the highest pid it starts again from the lowest.
    for (let pid = next > last && next - last < mostBetween ? last : next; pid <= next; pid += 1) {
      if (!kill(pid)) continue;
      [hasFound, count, until] = [true, 0, performance.now() + quietMs];
    }
    last = next;
  }
  return hasFound;
};

/** Maximum pids that are checked between two checks. More are processes of other programs, or threads. */
const mostBetween = 64;

type Newest = { readonly pid: () => number; readonly close: () => void };

/**
 * The number of the process or thread that began last. The file stays open: each check takes some
 * microseconds.
 */
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

/**
 * False for a process that has ended meanwhile. A process that we may not signal is found again until the
 * time limit.
 */
const killOne = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
    return code === "EPERM";
  }
};
