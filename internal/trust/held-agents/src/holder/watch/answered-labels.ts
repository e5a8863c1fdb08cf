import type { Memory, Observation } from "@trust/dialog-engine";
import { goneAt } from "./next-state.ts";

/** The dialogs that were answered, for as long as the program leaves them on the screen. */
export type AnsweredLabels = {
  /** The memory for the next reading; the answered dialogs are removed once they have left the screen. */
  readonly before: (memory: Memory, now: number) => Memory;
  /** True if the dialog with these labels was answered. */
  readonly has: (memory: Memory, labels: string) => boolean;
  readonly after: (seen: Observation<string>, now: number) => void;
};

/** After an answered dialog has left the screen, an equal dialog is a new one. */
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
