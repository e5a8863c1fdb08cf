import type { ChangeError, Recovered } from "../../plan/add-error.ts";
import { lastRun, replayJournal, type JournalRecord, type JournalState } from "../../plan/journal.ts";
import type { FileError, JournalFile, Machine } from "../../ports.ts";
import type { Result } from "@gatehouse/std";

/** The path of the journal of a users.yaml. It exists during a run and after an interrupted one. */
export const journalPath = (usersFile: string): string => `${usersFile}.journal`;

/** True if a run of this users.yaml is open: its journal is there, or the register names it. */
export const isInterrupted = async (
  { files, runs }: Machine,
  usersFile: string,
): Promise<Result<boolean, FileError>> => {
  const journal = await files.look(journalPath(usersFile));
  const recorded = await runs.openRun(usersFile);
  if (!journal.ok) return journal;
  return recorded.ok ? { ok: true, value: journal.value !== null || recorded.value !== null } : recorded;
};

/**
 * Opens and locks the journal that an earlier run left; null if there is none. Reads the record before and
 * after it checks for the journal, because a run that ends removes first its record, then its journal.
 */
export const openLeftJournal = async (
  machine: Machine,
  usersFile: string,
): Promise<Result<JournalFile | null, ChangeError>> => {
  const path = journalPath(usersFile);
  const before = await machine.runs.openRun(usersFile);
  if (!before.ok) return before;
  const looked = await machine.files.look(path);
  if (!looked.ok) return looked;
  if (looked.value !== null) return machine.openJournal(path);
  const after = await machine.runs.openRun(usersFile);
  if (!after.ok) return after;
  if (before.value === null || before.value !== after.value) return { ok: true, value: null };
  return missing(machine, usersFile);
};

/** A run on record: its state, or how it ended if only its record and its journal are left. */
export type OpenRun = { readonly ended: null; readonly state: JournalState } | { readonly ended: Recovered };

/**
 * The run that a journal has to finish or undo; null if no step was begun, or the run has ended. Refuses a
 * journal that has begun a step, and whose run is not the one on record. So an old journal, or one of another
 * users.yaml, is never carried out.
 */
export const openRunIn = async (
  machine: Machine,
  journal: JournalFile,
  usersFile: string,
): Promise<Result<OpenRun | null, ChangeError>> => {
  const records = journal.records as readonly JournalRecord[];
  const state = replayJournal(records);
  const last = replayJournal(records.filter(({ record }) => record !== "closed"));
  const recorded = await machine.runs.openRun(usersFile);
  if (!recorded.ok) return recorded;
  if (recorded.value !== null && recorded.value !== lastRun(records)) return missing(machine, usersFile);
  // The plan is written first, then the record, then the first step begins.
  const isUntouched = state?.phase === "applying" && state.begun === 0;
  if (recorded.value === null && (state === null || isUntouched)) return { ok: true, value: null };
  if (state !== null && recorded.value !== null) return { ok: true, value: { ended: null, state } };
  if (last !== null && recorded.value !== null) return { ok: true, value: { ended: endOf(last) } };
  return { ok: false, error: { code: "journal-not-on-record", path: journalPath(usersFile) } };
};

const endOf = ({ phase, removes }: JournalState): Recovered => ({
  outcome: phase === "undoing" ? "undone" : "finished",
  left: [],
  removes,
});

const missing = ({ runs }: Machine, usersFile: string): Result<never, ChangeError> => ({
  ok: false,
  error: { code: "journal-missing", path: journalPath(usersFile), record: runs.pathOf(usersFile) },
});

/**
 * Ends a run whose journal already has `closed`: removes the record, then the journal. If the journal was
 * moved away meanwhile, it has `closed` all the same, because that was written through the open file.
 */
export const endRun = async (
  { runs }: Machine,
  journal: JournalFile,
  usersFile: string,
): Promise<Result<void, FileError>> => {
  const ended = await runs.end(usersFile);
  const closed = await journal.close(ended.ok ? "remove" : "keep");
  if (!ended.ok) return ended;
  return closed.ok || closed.error.errno !== "ENOENT" ? closed : { ok: true, value: undefined };
};
