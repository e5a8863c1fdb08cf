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

/** A seat, who has the seats, or that there are none where locks are unavailable. */
type Tried =
  | { readonly type: "free"; readonly leave: () => Promise<void> }
  | { readonly type: "full"; readonly holders: string }
  | { readonly type: "none" };

const tryAll = async (lockFile: string): Promise<Tried> => {
  const holders: (string | null)[] = [];
  for (let number = 0; number < most; number += 1) {
    const lock = await acquireFileLock({ path: `${lockFile}.${number}`, timeoutMs: 0 });
    if (lock.ok) return { type: "free", leave: () => lock.value.release() };
    if (lock.error.code !== "lock-timeout") return { type: "none" };
    holders.push(lock.error.holder);
  }
  return { type: "full", holders: holders.join() };
};

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
      const tried = await tryAll(lockFile);
      if (tried.type === "free") return { hasWaited, leave: tried.leave };
      const now = performance.now();
      if (tried.type === "full" && tried.holders !== seen) {
        seen = tried.holders;
        until = now + timeoutMs;
      }
      if (tried.type === "none" || signal.aborted || now >= until)
        return { hasWaited, leave: async () => {} };
      if (!hasWaited) onWait();
      await pause(lookEvery, signal);
    }
  },
});
