import type { Memory, Observation } from "@trust/dialog-engine";
import { goneAt } from "./next-state.ts";

/** The dialogs that were answered, for as long as the program leaves them on the screen. */
export type AnsweredLabels = {
  /** The memory for a look: without the answered dialogs, once they have left the screen. */
  readonly before: (memory: Memory, now: number) => Memory;
  /** Whether the dialog with these labels was answered. */
  readonly has: (memory: Memory, labels: string) => boolean;
  readonly after: (seen: Observation<string>, now: number) => void;
};

/** What looks like an answered dialog after that has left the screen is another one. */
export const createAnsweredLabels = (): AnsweredLabels => {
  let goneSince: number | null = null;
  let isThere = false;
  return {
    before: (memory, now) => {
      isThere = false;
      return goneSince === null || now < goneAt(goneSince) ? memory : { ...memory, answered: new Set() };
    },
    has: ({ answered }, labels) => {
      isThere = answered.has(labels);
      return isThere;
    },
    after: (seen, now) => {
      const isGone = seen.type === "ready" && !isThere;
      goneSince = isGone ? (goneSince ?? now) : null;
    },
  };
};
