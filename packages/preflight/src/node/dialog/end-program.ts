import { existsSync } from "node:fs";
import process from "node:process";
import { stateLock, waitForLockGone } from "@trust/claude-state-probe/node";
import type { Terminal } from "@trust/dialog-engine";
import { pause } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** A killed program is reaped within milliseconds; one that is stuck in the kernel is not waited for longer (ms). */
const reapMs = 2_000;

/** Every thread of a program that was frozen has come to a stop after this (ms). */
const freezeMs = 2;

/** A CLI that was sent its end while frozen, and will do nothing more. */
export type Ended = {
  /** It left no lock of its own behind. */
  readonly isFree: boolean;
  /** Resolves when the process is gone. */
  readonly reaped: Promise<void>;
};

/**
 * Ends a CLI that writes `file`. A CLI ended while it holds its lock leaves
 * it behind, and the next ones wait for it up to 15 s (2.1.328). It writes its state several times while its composer
 * comes up, so a lock that was seen gone may be back when the signal arrives (4 of 10 batches of 16 folders on a busy
 * machine). Hence it is frozen first, and ended only if the lock is gone then too.
 */
export const endProgram = async (terminal: Terminal, file: string, timeoutMs: number): Promise<Ended> => {
  const gone = new AbortController();
  terminal.onExit(() => gone.abort());
  const isFree = await freezeUnlocked(terminal.pid, file, timeoutMs, gone.signal);
  terminal.kill();
  return { isFree, reaped: pause(reapMs, gone.signal) };
};

/** A program that has ended by itself (`signal`) gives back no lock: it is not waited for. */
const freezeUnlocked = async (
  pid: number,
  file: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.max(0, deadline - performance.now());
    const gone = await waitForLockGone(file, { timeoutMs: left, signal });
    if (!gone.ok) return !existsSync(stateLock(file));
    signalGroup(pid, "SIGSTOP");
    await pause(freezeMs);
    if (!existsSync(stateLock(file))) return true;
    signalGroup(pid, "SIGCONT");
  }
};

/** Windows has no such signals: there the lock is looked at once. */
const signalGroup = (pid: number, signal: "SIGSTOP" | "SIGCONT"): void => {
  if (process.platform === "win32") return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};
