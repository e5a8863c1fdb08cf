import type { Step } from "./plan-steps.ts";

/**
 * What a run writes down, a record at a time and before the disk changes: which steps it has begun, and that
 * everything is proven and only the renames of users.yaml are left (`commit`). The next run reads it.
 */
export type JournalRecord =
  | {
      readonly record: "plan";
      readonly version: 1;
      readonly steps: readonly Step[];
      readonly before: string | null;
    }
  | { readonly record: "begin" | "done"; readonly step: number }
  | { readonly record: "commit" | "undo" | "closed" };

/** Where a run stood. `before` is the digest of users.yaml that its plan was made for; null where there was no file. */
export type JournalState = {
  readonly phase: "applying" | "committing" | "undoing";
  readonly steps: readonly Step[];
  readonly before: string | null;
  /** How many steps were begun: each may have happened, wholly, partly or not at all. */
  readonly begun: number;
  readonly done: number;
};

/** The state after these records; null where nothing is open. A record torn off by a kill is not among them. */
export const replayJournal = (records: readonly JournalRecord[]): JournalState | null => {
  let state: JournalState | null = null;
  for (const record of records) state = next(state, record);
  return state;
};

const next = (state: JournalState | null, record: JournalRecord): JournalState | null => {
  if (record.record === "plan") {
    const { steps, before } = record;
    return { phase: "applying", steps, before, begun: 0, done: 0 };
  }
  if (state === null || record.record === "closed") return null;
  if (record.record === "begin") return { ...state, begun: record.step + 1 };
  if (record.record === "done") return { ...state, done: record.step + 1 };
  return { ...state, phase: record.record === "commit" ? "committing" : "undoing" };
};

/** What the disk says about a run that was interrupted while it committed. */
export type Observed = {
  /** The new users.yaml still stands beside the old one. */
  readonly isStaged: boolean;
  /** users.yaml is as the plan knew it. */
  readonly isUnchanged: boolean;
};

export type Recovery =
  | { readonly direction: "finish" }
  /** In this order: the last step first. */
  | { readonly direction: "undo"; readonly steps: readonly Step[] };

/**
 * Finished or undone. Once committed a run is finished, unless users.yaml was changed by somebody else before its
 * rename: then their text stays, and the run is undone. No file staged any more means that the rename has happened.
 */
export const recoveryOf = (state: JournalState, { isStaged, isUnchanged }: Observed): Recovery => {
  if (state.phase === "committing" && (!isStaged || isUnchanged)) return { direction: "finish" };
  return { direction: "undo", steps: state.steps.slice(0, state.begun).reverse() };
};
