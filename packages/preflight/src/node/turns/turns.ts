import type { Result, Verdict } from "../../index.ts";
import { acquireFileLock, explainUnsafe, type FileLock, type FileLockError } from "@gatehouse/fs-kit";

/** A folder's turn to commit. The holder must end it. */
export type Turn = {
  end(): Promise<void>;
  /** Why other processes could not be kept out; usually null. */
  readonly unshared: string | null;
};

export type TurnError = Exclude<FileLockError, { code: "lock-unavailable" }>;

export type TurnRequest = {
  readonly signal: AbortSignal;
  /** Called when another process has the lock. */
  readonly onWait: (holder: string | null) => void;
};

/** Allows one commit at a time: among a batch's folders, in the order of their requests, and among all batches. */
export type Turns = {
  take(request: TurnRequest): Promise<Result<Turn, TurnError>>;
};

const noLock = (detail: string): Result<never, FileLockError> => ({
  ok: false,
  error: { code: "lock-unavailable", detail },
});

/**
 * Every batch that commits to the same state file shares `lockFile`. The wait for it ends if one holder keeps it for
 * `timeoutMs`. The wait within the batch has no limit: each of its folders ends by itself. If locks are unavailable
 * (`unavailable` has the reason), the batch keeps its own order, and its final check of the state finds entries that
 * others removed.
 */
export const createTurns = (
  lockFile: string,
  timeoutMs: number,
  unavailable: string | null = null,
): Turns => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: async ({ signal, onWait }) => {
      const before = last;
      const [ended, end] = signalled();
      last = before.then(() => ended);
      try {
        await Promise.race([before, aborted(signal)]);
        const lock =
          unavailable === null
            ? await acquireFileLock({ path: lockFile, timeoutMs, signal, onWait })
            : noLock(unavailable);
        const taken = turnWith(lock, end);
        if (!taken.ok) end();
        return taken;
      } catch (error) {
        // This is a bug, but without `end` the folders behind this one would wait forever.
        end();
        throw error;
      }
    },
  };
};

const turnWith = (lock: Result<FileLock, FileLockError>, end: () => void): Result<Turn, TurnError> => {
  if (lock.ok) return turn(end, lock.value, null);
  const { error } = lock;
  return error.code === "lock-unavailable" ? turn(end, null, error.detail) : { ok: false, error };
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

const signalled = (): [Promise<void>, () => void] => {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return [promise, () => resolve()];
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Takes a folder's turn to commit and reports what it waits for. The error is the folder's verdict. */
export const takeTurn = async (
  { turns, file }: { readonly turns: Turns; readonly file: string },
  signal: AbortSignal,
  onWait: (text: string) => void,
): Promise<Result<Turn, Verdict>> => {
  onWait("waits for its turn");
  const taken = await turns.take({
    signal,
    onWait: (holder) => onWait(`waits for another preflight${holder === null ? "" : ` (${holder})`}`),
  });
  if (taken.ok) return taken;
  const { error } = taken;
  if (error.code === "lock-unsafe") {
    const reason = { type: "lock-unsafe", detail: explainUnsafe(error.place) } as const;
    return { ok: false, error: { code: "trust-not-persisted", reason, file } };
  }
  return { ok: false, error: error.code === "cancelled" ? error : { ...error, file } };
};
