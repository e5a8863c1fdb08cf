import type { Step } from "./plan-steps.ts";

/**
 * One record of a run's journal, written before the disk changes, for the next run to read. `begin` announces
 * a step. `commit` says that every step succeeded and only the renames of users.yaml are left.
 */
export type JournalRecord =
  | {
      readonly record: "plan";
      readonly version: 1;
      readonly steps: readonly Step[];
      readonly before: string | null;
      /** The run's id, which root's register has while the run is open. */
      readonly run: string;
      /** The user whom a removal removes. */
      readonly removes?: Removes;
    }
  | { readonly record: "begin" | "done"; readonly step: number }
  | { readonly record: "commit" | "undo" | "closed" };

/** The id and name of the removed user's entry. */
export type Removes = { readonly telegramId: number; readonly name: string };

/**
 * The state of a run. `before` is the digest of the users.yaml for which its plan was made; null if there was
 * no file.
 */
export type JournalState = {
  readonly phase: "applying" | "committing" | "undoing";
  readonly steps: readonly Step[];
  readonly before: string | null;
  readonly run: string;
  /** Null for a run that adds a user. */
  readonly removes: Removes | null;
  /** The number of begun steps. Each may have been done fully, partly or not at all. */
  readonly begun: number;
  readonly done: number;
};

/** The state after these records; null if no run is open. A record cut off by a kill is not among them. */
export const replayJournal = (records: readonly JournalRecord[]): JournalState | null => {
  let state: JournalState | null = null;
  for (const record of records) state = next(state, record);
  return state;
};

/** The id of the last run in these records, even if it has ended; null if there is none. */
export const lastRun = (records: readonly JournalRecord[]): string | null =>
  records.findLast((record) => record.record === "plan")?.run ?? null;

const next = (state: JournalState | null, record: JournalRecord): JournalState | null => {
  if (record.record === "plan") {
    const { steps, before, run, removes = null } = record;
    return { phase: "applying", steps, before, run, removes, begun: 0, done: 0 };
  }
  if (state === null || record.record === "closed") return null;
  if (record.record === "begin") return { ...state, begun: record.step + 1 };
  if (record.record === "done") return { ...state, done: record.step + 1 };
  return { ...state, phase: record.record === "commit" ? "committing" : "undoing" };
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
