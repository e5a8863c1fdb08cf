import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import type { Outcome } from "./carrier.ts";
import { outcomeOf } from "./intent-rows.ts";

/** Callers that wait for the outcomes of intents. */
export type OutcomeWaiters = {
  /** Resolves with the outcome as soon as it is written; with null after `waitMs`, or after `sendAway`. */
  readonly outcome: (id: string) => Promise<Outcome | null>;
  /** Passes a written outcome to its waiters. */
  readonly written: (id: string, outcome: Outcome) => void;
  /** Ends all waits, present and future. */
  readonly sendAway: () => void;
};

/** Between two looks whether another host wrote an outcome, ms. */
const lookMs = 250;

export const outcomeWaiters = (db: Kysely<CentralTables>, waitMs: number): OutcomeWaiters => {
  const waiters = new Map<string, (outcome: Outcome | null) => void>();
  let isOver = false;
  return {
    outcome: async (id) => {
      const written = new Promise<Outcome | null>((resolve) => waiters.set(id, resolve));
      // Another host may carry it out. A look that fails is made again.
      const looks = setInterval(() => {
        void outcomeOf(db, id).then(
          (outcome) => outcome && waiters.get(id)?.(outcome),
          () => undefined,
        );
      }, lookMs);
      const patience = setTimeout(() => waiters.get(id)?.(null), isOver ? 0 : waitMs);
      try {
        // The outcome may have been written before this wait began.
        return (await outcomeOf(db, id)) ?? (await written);
      } finally {
        clearInterval(looks);
        clearTimeout(patience);
        waiters.delete(id);
      }
    },
    written: (id, outcome) => waiters.get(id)?.(outcome),
    sendAway: () => {
      isOver = true;
      for (const resolve of waiters.values()) resolve(null);
    },
  };
};
