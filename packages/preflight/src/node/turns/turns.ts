import { acquireFileLock, explainUnsafe, type FileLock, type FileLockError } from "@gatehouse/fs-kit";
import { abortOf } from "@gatehouse/std";
import type { Result, Verdict } from "../../index.ts";
import type { TurnLock } from "./turn-lock.ts";

/** A folder's turn to commit. The holder must end it. */
export type Turn = {
  end(): Promise<void>;
  /** Why other processes could not be kept out; usually null. */
  readonly unshared: string | null;
};

/** Takes a folder's turn to commit, and reports what it waits for. The error is the folder's verdict. */
export type TakeTurn = (
  signal: AbortSignal,
  onWait: (text: string) => void,
) => Promise<Result<Turn, Verdict>>;

/**
 * Allows one commit at a time to the state `file`: among a batch's folders, in the order of their requests, and among
 * all batches, which share the lock. The wait for the lock ends if one holder keeps it for `timeoutMs`. The wait within
 * the batch has no limit: each of its folders ends by itself. If locks are unavailable, the batch keeps its own order,
 * and its final check of the state finds entries that others removed.
 */
export const createTurns = ({ path, unavailable }: TurnLock, file: string, timeoutMs: number): TakeTurn => {
  let last: Promise<unknown> = Promise.resolve();
  return async (signal, onWait) => {
    onWait("waits for its turn");
    const before = last;
    const [ended, end] = signalled();
    last = before.then(() => ended);
    const onHolder = (holder: string | null): void =>
      onWait(`waits for another preflight${holder === null ? "" : ` (${holder})`}`);
    try {
      await Promise.race([before, abortOf(signal)]);
      if (unavailable !== null && !signal.aborted) return turn(end, null, unavailable);
      const lock = await acquireFileLock({ path, timeoutMs, signal, onWait: onHolder });
      if (lock.ok) return turn(end, lock.value, null);
      if (lock.error.code === "lock-unavailable") return turn(end, null, lock.error.detail);
      end();
      return { ok: false, error: verdictOf(lock.error, file) };
    } catch (error) {
      // This is a bug, but without `end` the folders behind this one would wait forever.
      end();
      throw error;
    }
  };
};

const turn = (end: () => void, lock: FileLock | null, unshared: string | null): Result<Turn, never> => ({
  ok: true,
  value: {
    unshared,
    end: async () => {
      try {
        await lock?.release();
      } finally {
        end();
      }
    },
  },
});

const verdictOf = (
  error: Exclude<FileLockError, { readonly code: "lock-unavailable" }>,
  file: string,
): Verdict => {
  if (error.code === "cancelled") return error;
  if (error.code === "lock-timeout") return { ...error, file };
  const reason = { type: "lock-unsafe", detail: explainUnsafe(error.place) } as const;
  return { code: "trust-not-persisted", reason, file };
};

const signalled = (): [Promise<void>, () => void] => {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return [promise, () => resolve()];
};
