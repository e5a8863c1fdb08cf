import { watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type Result, systemCode } from "@gatehouse/std";

/** The lock folder that exists next to the state file while a Claude Code process writes it. */
export const stateLock = (file: string): string => `${file}.lock`;

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
 * Waits until no Claude Code process holds the lock of its state file. A process that is ended while it
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

/** Stops a watch. A second call has no effect. */
export type Stop = () => void;

/** The cause of a call of `look`: a change that the system reported, or a timer. */
export type LookReason = "event" | "timer";

/** Milliseconds between checks if the file system reports changes, and if it does not. */
const safetyPoll = 250;
const onlyPoll = 25;

/**
 * Calls `look` after each possible change of one entry of a folder. It watches the folder, because Claude
 * Code renames a new file over the old one, which ends a watch on the file itself. If events are not
 * available (network file systems, a missing folder, no watches left), `look` is called on a timer only.
 */
export const watchEntry = (path: string, look: (reason: LookReason) => void): Stop => {
  let stopEvents: Stop | null = null;
  let timer: NodeJS.Timeout;
  const listen = (): void => {
    stopEvents ??= watchFolder(
      dirname(path),
      basename(path),
      () => look("event"),
      () => (stopEvents = null),
    );
  };
  const tick = (): void => {
    timer = setTimeout(
      () => {
        listen();
        tick();
        look("timer");
      },
      stopEvents === null ? onlyPoll : safetyPoll,
    );
  };
  listen();
  tick();
  return () => {
    clearTimeout(timer);
    stopEvents?.();
    stopEvents = null;
  };
};

/** Watches a folder for changes of one name; `null` if the folder cannot be watched. */
const watchFolder = (folder: string, name: string, onEvent: () => void, onEnd: () => void): Stop | null => {
  try {
    const watcher = watch(folder, (_type, changed) => {
      if (changed === null || changed === name) onEvent();
    });
    watcher.on("error", () => {
      watcher.close();
      onEnd();
    });
    return () => watcher.close();
  } catch (error) {
    systemCode(error);
    return null;
  }
};
