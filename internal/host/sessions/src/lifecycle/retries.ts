import { isTrouble } from "@gatehouse/sqlite";
import { backoff } from "@gatehouse/std";
import { longestWaitMs } from "@gatehouse/session-rows";

/** Work that failed, by its id: how often in a row, and when it may be tried again. */
export type Retries = {
  readonly isDue: (id: string) => boolean;
  /** While the database is away or the disk is full, all work fails: then no failure counts. */
  readonly failures: (id: string) => number;
  readonly failed: (id: string, error: unknown) => void;
  readonly succeeded: (id: string) => void;
  /** Forgets all work but this. */
  readonly keep: (ids: readonly string[]) => void;
};

/** Work waits `firstMs` after its first failure, and each time twice as long. `now` is a steady clock, ms. */
export const retries = (firstMs: number, now: () => number = () => performance.now()): Retries => {
  const failed = new Map<string, { readonly failures: number; readonly notBefore: number }>();
  const failures: Retries["failures"] = (id) => failed.get(id)?.failures ?? 0;
  return {
    isDue: (id) => (failed.get(id)?.notBefore ?? 0) <= now(),
    failures,
    failed: (id, error) => {
      const count = failures(id) + (isTrouble(error) ? 0 : 1);
      failed.set(id, {
        failures: count,
        notBefore: now() + backoff({ first: firstMs, most: longestWaitMs }, count),
      });
    },
    succeeded: (id) => void failed.delete(id),
    keep: (ids) => {
      for (const id of failed.keys()) if (!ids.includes(id)) failed.delete(id);
    },
  };
};
