import type { ChangeError, Recovered } from "../../plan/add-error.ts";
import { replayJournal, type JournalRecord, type JournalState } from "../../plan/journal.ts";
import type { JournalFile, Machine } from "../../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { type BeforeSudoEnds, applyPlan, type Applying, type Change } from "./apply-plan.ts";
import { stillAsPlanned } from "./still-as-planned.ts";
import { recover, undoSteps } from "./undo-steps.ts";

/** Refuses to run without root, which alone can change the owner of directories. */
export const rootNeeded = ({ uid }: Machine): Result<null, ChangeError> =>
  uid === 0 ? ok(null) : fail({ code: "root-needed", uid });

/** Finishes or undoes an earlier run that was interrupted; null if there was none. */
export const recoverFirst = async (
  machine: Machine,
  usersFile: string,
  beforeSudoEnds?: BeforeSudoEnds,
): Promise<Result<Recovered | null, ChangeError>> => {
  const { files, journals } = machine;
  const path = journals.pathOf(usersFile);
  const looked = await files.look(path);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok(null);
  const opened = await journals.open(usersFile);
  if (!opened.ok) return opened;
  const journal = opened.value;
  return keepJournalOnThrow(journal, async () => {
    const state = stateIn(journal);
    const recovered = state === null ? ok(null) : await recover(machine, journal, { state, beforeSudoEnds });
    const closed = await journal.close(recovered.ok ? "remove" : "keep");
    if (!recovered.ok) return fail({ code: "recovery-failed", path, cause: recovered.error });
    return closed.ok ? recovered : closed;
  });
};

const stateIn = ({ records }: JournalFile): JournalState | null =>
  replayJournal(records as readonly JournalRecord[]);

/** Carries out the whole plan under the journal, or undoes it. */
export const carryOut = async (machine: Machine, change: Change): Promise<Result<void, ChangeError>> => {
  const { plan, facts } = change;
  const { path } = facts.usersFile;
  const opened = await machine.journals.open(path);
  if (!opened.ok) return opened;
  const journal = opened.value;
  return keepJournalOnThrow(journal, async () => {
    const state = stateIn(journal);
    if (state !== null && !state.isClosed) {
      // Another process began this run after the last check, and was killed.
      await journal.close("keep");
      return fail({ code: "busy", path: machine.journals.pathOf(path) });
    }
    const asPlanned = await stillAsPlanned(machine, plan, facts);
    if (asPlanned.ok) return applyOrUndo({ ...change, machine, journal });
    const closed = await journal.close("remove");
    return closed.ok ? asPlanned : closed;
  });
};

/** If the work throws (a bug), keeps the journal and releases its lock, so the next run can recover. */
const keepJournalOnThrow = async <T>(journal: JournalFile, work: () => Promise<T>): Promise<T> => {
  let isDone = false;
  try {
    const value = await work();
    isDone = true;
    return value;
  } finally {
    if (!isDone) await journal.close("keep");
  }
};

const applyOrUndo = async (applying: Applying): Promise<Result<void, ChangeError>> => {
  const { machine, journal, plan, removes } = applying;
  const applied = await applyPlan(applying);
  if (applied.ok) return journal.close("remove");
  const { isCommitted, ...error } = applied.error;
  if (isCommitted) {
    await journal.close("keep");
    return fail({ code: "step-failed", ...error, undone: null });
  }
  const begun = plan.steps.slice(0, plan.steps.indexOf(error.step) + 1).reverse();
  const undone = await undoSteps(machine, journal, { steps: begun, removes });
  const closed = await journal.close(undone.ok ? "remove" : "keep");
  return fail({ code: "step-failed", ...error, undone: undone.ok && closed.ok ? undone.value : null });
};
