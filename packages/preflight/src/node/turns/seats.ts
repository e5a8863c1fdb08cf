import { availableParallelism } from "node:os";
import { acquireFileLock, pause } from "@gatehouse/fs-kit";

/** Room for one CLI that starts. Its holder must leave it. */
export type Seat = {
  /** It was not free at once: others may have done the work meanwhile. */
  readonly hasWaited: boolean;
  leave(): Promise<void>;
};

/** Lends seats. `onWait` is called once if none is free. */
export type Seats = { take(signal: AbortSignal, onWait: () => void): Promise<Seat> };

/** CLIs that start at once for one state: a start keeps a processor busy for most of a second, and 250 MB (2.1.328). */
const most = Math.max(2, availableParallelism());
/** Milliseconds between two looks for a free one. */
const lookEvery = 50;

/**
 * Keeps all but a few batches from starting their CLI at once. Fifty that start together all answer late, and are
 * taken for silent. A seat is no lock: who sees no seat change hands for `timeoutMs`, or where there are no locks,
 * starts all the same.
 */
export const createSeats = (lockFile: string, timeoutMs: number): Seats => ({
  take: async (signal, onWait) => {
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
