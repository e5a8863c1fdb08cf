import { userIdsOf } from "../user/user-ids.ts";
import type { Step } from "./plan-steps.ts";

/**
 * One record of a run's journal, written before the disk changes, for the next run to read. `begin` announces
 * a step. `commit` says that every step succeeded and only the renames of users.yaml are left.
 */
export type JournalRecord =
  | {
      readonly record: "plan";
      readonly steps: readonly Step[];
      readonly before: string | null;
      /** The user whom a removal removes; null if the run adds one. */
      readonly removes: Removes | null;
    }
  | { readonly record: "begin"; readonly step: number }
  | { readonly record: "commit" | "undo" | "closed" };

/** The ids and name of the removed user's entry. A run of 0.1.0 wrote no `userIds`. */
export type Removes = {
  readonly telegramId: number | null;
  readonly name: string;
  readonly userIds?: readonly string[];
};

/** The ids of the removed user, as `telegram:7`. */
export const idsOfRemoved = ({ telegramId, userIds }: Removes): readonly string[] =>
  userIds ?? userIdsOf({ telegram_id: telegramId });

/**
 * The state of a run. `before` is the digest of the users.yaml for which its plan was made; null if there was
 * no file.
 */
export type JournalState = {
  readonly phase: "applying" | "committing" | "undoing";
  /** True if the run has ended, and only its journal is left. */
  readonly isClosed: boolean;
  readonly steps: readonly Step[];
  readonly before: string | null;
  /** Null for a run that adds a user. */
  readonly removes: Removes | null;
  /** The number of begun steps. Each may have been done fully, partly or not at all. */
  readonly begun: number;
};

/** The state of the last run in these records; null without one. A record cut off by a kill is not among them. */
export const replayJournal = (records: readonly JournalRecord[]): JournalState | null =>
  records.reduce<JournalState | null>(next, null);

const next = (state: JournalState | null, record: JournalRecord): JournalState | null => {
  if (record.record === "plan") {
    const { steps, before, removes } = record;
    return { phase: "applying", isClosed: false, steps, before, removes, begun: 0 };
  }
  if (state === null) return null;
  switch (record.record) {
    case "begin":
      return { ...state, begun: record.step + 1 };
    case "commit":
      return { ...state, phase: "committing" };
    case "undo":
      return { ...state, phase: "undoing" };
    case "closed":
      return { ...state, isClosed: true };
  }
};

/** The state of the disk after a run that was interrupted while it committed. */
export type Observed = {
  /** The new users.yaml is still beside the old one. */
  readonly isStaged: boolean;
  /** users.yaml is unchanged since the plan. */
  readonly isUnchanged: boolean;
};

export type Recovery =
  | { readonly direction: "finish" }
  /** The steps in reverse: the last one first. */
  | { readonly direction: "undo"; readonly steps: readonly Step[] };

/**
 * Decides whether a run is finished or undone. A committed run is finished, unless users.yaml was changed by
 * others before its rename: then their text stays, and the run is undone. If no staged file is left, the
 * rename has already happened.
 */
export const recoveryOf = (state: JournalState, { isStaged, isUnchanged }: Observed): Recovery => {
  if (state.phase === "committing" && (!isStaged || isUnchanged)) return { direction: "finish" };
  return { direction: "undo", steps: state.steps.slice(0, state.begun).reverse() };
};
