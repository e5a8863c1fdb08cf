import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { acquireFileLock, pause } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** Room for one CLI that starts. Its holder must leave it. */
export type StartSlot = {
  /** It was not free at once: others may have done the work meanwhile. */
  readonly hasWaited: boolean;
  leave(): Promise<void>;
};

/** Lends slots. `onWait` is called once if none is free. */
export type StartSlots = { take(signal: AbortSignal, onWait: () => void): Promise<StartSlot> };

/** CLIs that start at once for one state: a start keeps a processor busy for most of a second, and 250 MB (2.1.328). */
const most = Math.max(2, availableParallelism());
/** Milliseconds between two looks for a free one. */
const lookEvery = 50;

/**
 * The first slot, if nobody has been there: its file is made at once, and locked when the CLI has been started. To
 * load the library of locks takes 15 ms, for which the CLI would wait. Until then one more may start. Null if the
 * file is there, or would not be the account's own.
 */
const firstSlot = (file: string): StartSlot | null => {
  try {
    if (statSync(dirname(file)).uid !== process.geteuid?.()) return null;
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    systemCode(error);
    return null;
  }
  const locked = new Promise(setImmediate).then(() => acquireFileLock({ path: file, timeoutMs: 0 }));
  return {
    hasWaited: false,
    leave: async () => {
      const lock = await locked;
      if (lock.ok) await lock.value.release();
      // Who has the lock instead removes the file.
      else if (lock.error.code !== "lock-timeout") rmSync(file, { force: true });
    },
  };
};

/**
 * Keeps all but a few batches from starting their CLI at once. Fifty that start together all answer late, and are
 * taken for silent. A slot is no lock: who sees no slot change hands for `timeoutMs`, or where there are no locks,
 * starts all the same.
 */
export const createSlots = (lockFile: string, timeoutMs: number): StartSlots => ({
  take: async (signal, onWait) => {
    const first = firstSlot(`${lockFile}.0`);
    if (first !== null) return first;
    let seen = "";
    let until = 0;
    for (let hasWaited = false; ; hasWaited = true) {
      const none = { hasWaited, leave: async () => {} };
      let holders = "";
      for (let number = 0; number < most; number += 1) {
        const lock = await acquireFileLock({ path: `${lockFile}.${number}`, timeoutMs: 0 });
        if (lock.ok) return { hasWaited, leave: lock.value.release };
        if (lock.error.code !== "lock-timeout") return none;
        holders += lock.error.holder;
      }
      const now = performance.now();
      if (holders !== seen) until = now + timeoutMs;
      seen = holders;
      if (signal.aborted || now >= until) return none;
      if (!hasWaited) onWait();
      await pause(lookEvery, signal);
    }
  },
});
