import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import { stateLock, waitForLockGone } from "./cli-lock.ts";
import type { RunningAgent } from "./end-agent.ts";
import { signalGroup } from "./signal.ts";
import { textOf } from "./table/linux-table.ts";

/** Maximum wait for a killed program, ms. It is reaped within milliseconds, unless it is stuck in the kernel. */
const reapMs = 2_000;

/** The pause between two looks whether a frozen program has stopped, ms. Where its threads cannot be seen, one pause has to do. */
const freezeMs = 2;

/** A CLI that was killed while frozen. */
export type Ended = {
  /** True if it left no lock behind. */
  readonly isFree: boolean;
  /** Resolves when the process has ended. */
  readonly reaped: Promise<void>;
};

/**
 * Kills a CLI that was started only to write `stateFile`, without leaving its lock behind: the next CLIs
 * would wait up to 15 s for it (2.1.328). The CLI takes its lock several times while its composer starts, so
 * the lock may be back by the time a signal arrives (4 of 10 batches of 16 folders on a busy machine). So
 * this freezes the CLI first, and kills it only if the lock is still absent. After `timeoutMs` it kills the
 * CLI anyway. `alsoLocked` are other files that the CLI locks in the same way while it starts.
 */
export const endFrozen = async (
  agent: RunningAgent,
  stateFile: string,
  timeoutMs: number,
  alsoLocked: readonly string[] = [],
): Promise<Ended> => {
  const exited = new AbortController();
  agent.onExit(() => exited.abort());
  const files = [stateFile, ...alsoLocked];
  const isFree = await freezeUnlocked(agent.pid, files, timeoutMs, exited.signal);
  agent.kill();
  return { isFree, reaped: reap(exited.signal) };
};

/** A program that has exited by itself (`signal`) releases no more locks, so the wait ends. */
const freezeUnlocked = async (
  group: number,
  files: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  const isFree = (): boolean => files.every((file) => !existsSync(stateLock(file)));
  for (;;) {
    for (const file of files.filter((file) => existsSync(stateLock(file)))) {
      const left = Math.max(0, deadline - performance.now());
      const gone = await waitForLockGone(file, { timeoutMs: left, signal });
      if (!gone.ok) return isFree();
    }
    signalGroup(group, "SIGSTOP");
    do await pause(freezeMs);
    while (!signal.aborted && performance.now() < deadline && !isStopped(group));
    if (isFree()) return true;
    signalGroup(group, "SIGCONT");
  }
};

/**
 * True if no thread of a program runs any more. A thread that is in a system call ends it first: on a busy machine it made its
 * lock more than 2 ms after the signal.
 */
const isStopped = (pid: number): boolean => {
  const threads = textOf(() => readdirSync(`/proc/${pid}/task`).join(" "))?.split(" ") ?? [];
  return threads.every((thread) => {
    const stat = textOf(() => readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"));
    return stat === null || /^[TtZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  });
};

/** Waits until the program has exited (`signal` aborts) or the time is over. */
const reap = async (signal: AbortSignal): Promise<void> => {
  try {
    await pause(reapMs, undefined, { signal });
  } catch (error) {
    systemCode(error);
  }
};
