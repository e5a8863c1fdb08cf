import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { IntentOutcome } from "./intent-handler.ts";
import { outcomeOf } from "./intent-rows.ts";

/** Callers that wait for the outcomes of intents. */
export type OutcomeWaiters = {
  /** Resolves with the outcome as soon as it is written; with null after `waitMs`, or after `endWaits`. */
  readonly outcome: (id: string) => Promise<IntentOutcome | null>;
  /** Passes a written outcome to its waiters. */
  readonly written: (id: string, outcome: IntentOutcome) => void;
  /** Ends all present waits, and every later one at once. */
  readonly endWaits: () => void;
};

/** Interval at which a waiter reads whether another host wrote the outcome, ms. */
const pollMs = 250;

export const outcomeWaiters = (db: Kysely<CentralTables>, waitMs: number): OutcomeWaiters => {
  const waiters = new Map<string, (outcome: IntentOutcome | null) => void>();
  let isOver = false;
  return {
    outcome: async (id) => {
      const written = new Promise<IntentOutcome | null>((resolve) => waiters.set(id, resolve));
      // Another host may carry out the intent. A read that fails is repeated at the next interval.
      const polling = setInterval(() => {
        void outcomeOf(db, id).then(
          (outcome) => outcome && waiters.get(id)?.(outcome),
          () => undefined,
        );
      }, pollMs);
      const timeout = setTimeout(() => waiters.get(id)?.(null), isOver ? 0 : waitMs);
      try {
        // The outcome may have been written before this wait began.
        return (await outcomeOf(db, id)) ?? (await written);
      } finally {
        clearInterval(polling);
        clearTimeout(timeout);
        waiters.delete(id);
      }
    },
    written: (id, outcome) => waiters.get(id)?.(outcome),
    endWaits: () => {
      isOver = true;
      for (const resolve of waiters.values()) resolve(null);
    },
  };
};
