import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { stateLock, waitForLockGone } from "@trust/claude-state-probe/node";
import { systemCode } from "@gatehouse/std";
import type { RunningAgent } from "./running-agent.ts";
import { signalGroup } from "./signal-group.ts";

/** A killed program is reaped within milliseconds. One that is stuck in the kernel is waited for this long (ms). */
const reapMs = 2_000;

/** Every thread of a frozen program has stopped after this (ms). */
const freezeMs = 2;

/** A CLI that was killed while frozen. */
export type Ended = {
  /** It left no lock of its own behind. */
  readonly isFree: boolean;
  /** Resolves when the process is gone. */
  readonly reaped: Promise<void>;
};

/**
 * Kills a CLI that was started only to write `stateFile`, and leaves no lock of it behind: the next CLIs would wait for that
 * up to 15 s (2.1.328). The CLI takes its lock several times while its composer comes up, so a lock that was seen gone may
 * be back when a signal arrives (4 of 10 batches of 16 folders on a busy machine). Hence it is frozen first, and killed only
 * if the lock is gone then too. After `timeoutMs` it is killed anyway.
 */
export const endFrozen = async (
  agent: RunningAgent,
  stateFile: string,
  timeoutMs: number,
): Promise<Ended> => {
  const exited = new AbortController();
  agent.onExit(() => exited.abort());
  const isFree = await freezeUnlocked(agent.pid, stateFile, timeoutMs, exited.signal);
  agent.kill();
  return { isFree, reaped: reap(exited.signal) };
};

/** A program that has exited by itself (`signal`) releases no lock any more: the wait ends. */
const freezeUnlocked = async (
  group: number,
  stateFile: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.max(0, deadline - performance.now());
    const gone = await waitForLockGone(stateFile, { timeoutMs: left, signal });
    if (!gone.ok) return !existsSync(stateLock(stateFile));
    signalGroup(group, "SIGSTOP");
    await pause(freezeMs);
    if (!existsSync(stateLock(stateFile))) return true;
    signalGroup(group, "SIGCONT");
  }
};

/** Waits until the program has exited, which `signal` tells, or the time is over. */
const reap = async (signal: AbortSignal): Promise<void> => {
  try {
    await pause(reapMs, undefined, { signal });
  } catch (error) {
    systemCode(error);
  }
};
