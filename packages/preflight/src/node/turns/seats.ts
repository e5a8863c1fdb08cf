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
 * taken for silent. A seat is no lock: who gets none in `timeoutMs`, or where there are no locks, starts all the same.
 */
export const createSeats = (lockFile: string, timeoutMs: number): Seats => {
  const tryAll = async (): Promise<(() => Promise<void>) | "full" | "none"> => {
    for (let number = 0; number < most; number += 1) {
      const lock = await acquireFileLock({ path: `${lockFile}.${number}`, timeoutMs: 0 });
      if (lock.ok) return () => lock.value.release();
      if (lock.error.code !== "lock-timeout") return "none";
    }
    return "full";
  };
  return {
    take: async (signal, onWait) => {
      const until = performance.now() + timeoutMs;
      for (let hasWaited = false; ; hasWaited = true) {
        const found = await tryAll();
        if (typeof found === "function") return { hasWaited, leave: found };
        if (found === "none" || signal.aborted || performance.now() >= until)
          return { hasWaited, leave: async () => {} };
        if (!hasWaited) onWait();
        await pause(lookEvery, signal);
      }
    },
  };
};
