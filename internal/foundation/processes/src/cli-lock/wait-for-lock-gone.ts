import { stat } from "node:fs/promises";
import { type Result, systemCode } from "@gatehouse/std";
import { stateLock } from "./state-lock.ts";
import { watchEntry } from "./watch-entry.ts";

export type LockError = {
  readonly code: "lock-timeout" | "cancelled";
  /** The lock that still exists. */
  readonly lock: string;
};

export type LockWait = {
  /** Milliseconds. If infinite, only the signal ends the wait. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** The longest timer in milliseconds (24 days). Node runs a longer one at once. */
const longestTimer = 2 ** 31 - 1;

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return systemCode(error) !== "ENOENT";
  }
};

/**
 * Waits until no Claude Code process holds the lock beside its state file. A process that is ended while it
 * holds the lock leaves the lock behind, and later processes then wait up to 15 seconds for it (2.1.328).
 */
export const waitForLockGone = (
  file: string,
  { timeoutMs, signal }: LockWait,
): Promise<Result<null, LockError>> => {
  const lock = stateLock(file);
  return new Promise((resolve) => {
    const end = (result: Result<null, LockError>): void => {
      stopWatch();
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      resolve(result);
    };
    const cancel = (): void => end({ ok: false, error: { code: "cancelled", lock } });
    const check = async (): Promise<void> => {
      if (!(await exists(lock))) end({ ok: true, value: null });
    };
    const stopWatch = watchEntry(lock, () => void check());
    const giveUp = (): void => end({ ok: false, error: { code: "lock-timeout", lock } });
    const timer = setTimeout(giveUp, Math.min(timeoutMs, longestTimer));
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    else void check();
  });
};
