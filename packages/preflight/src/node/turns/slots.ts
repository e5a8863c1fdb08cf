import { availableParallelism } from "node:os";
import { acquireFileLock, pause } from "@gatehouse/fs-kit";

/** Permission for one CLI to start. The holder must call `leave`. */
export type StartSlot = {
  /** True if no slot was free at once: another process may have done the work meanwhile. */
  readonly hasWaited: boolean;
  leave(): Promise<void>;
};

/** Lends slots. Calls `onWait` once if no slot is free. */
export type StartSlots = { take(signal: AbortSignal, onWait: () => void): Promise<StartSlot> };

/** CLIs that may start at once for one state: a start keeps a processor busy for most of a second, and takes 250 MB (2.1.328). */
const slotCount = Math.max(2, availableParallelism());
/** Interval between two tries to take a slot, ms. */
const lookEvery = 50;

/**
 * Limits how many batches start their CLI at once: fifty that start together all answer too late. A slot is not a lock.
 * The CLI starts anyway if no slot changes hands for `timeoutMs`, or if locks are unavailable.
 */
export const createSlots = (lockFile: string, timeoutMs: number): StartSlots => ({
  take: async (signal, onWait) => {
    let seen = "";
    let until = 0;
    for (let hasWaited = false; ; hasWaited = true) {
      const none = { hasWaited, leave: async () => {} };
      let holders = "";
      for (let number = 0; number < slotCount; number += 1) {
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
