import type { ChangeError, Recovered } from "../../plan/add-error.ts";
import { replayJournal, type JournalRecord, type Removes } from "../../plan/journal.ts";
import type { Plan } from "../../plan/plan.ts";
import type { JournalFile, Machine } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import { applyPlan, stillAsPlanned, type ApplyFacts, type Applying } from "./apply-plan.ts";
import { recover, undoSteps } from "./undo-steps.ts";

/** The path of the journal of a users.yaml. It exists during a run and after an interrupted one. */
export const journalPath = (usersFile: string): string => `${usersFile}.journal`;

/** Only root gives directories away and takes them back. */
export const rootNeeded = ({ uid }: Machine): Result<null, ChangeError> =>
  uid === 0 ? { ok: true, value: null } : { ok: false, error: { code: "root-needed", uid } };

/** Finishes or undoes an earlier run that was interrupted; null if there was none. */
export const recoverFirst = async (
  machine: Machine,
  usersFile: string,
): Promise<Result<Recovered | null, ChangeError>> => {
  const path = journalPath(usersFile);
  const looked = await machine.files.look(path);
  if (!looked.ok || looked.value === null) return looked.ok ? { ok: true, value: null } : looked;
  const journal = await machine.openJournal(path);
  if (!journal.ok) return journal;
  const recovered = await orKeep(journal.value, () => recover(machine, journal.value));
  const closed = await journal.value.close(recovered.ok ? "remove" : "keep");
  if (!recovered.ok) return { ok: false, error: { code: "recovery-failed", path, cause: recovered.error } };
  return closed.ok ? recovered : closed;
};

/** A plan, and what was true when it was made. */
export type Prepared = { readonly plan: Plan; readonly facts: ApplyFacts; readonly removes: Removes | null };

/** Does all of a plan under the journal, or nothing of it. */
export const carryOut = async (
  machine: Machine,
  { plan, facts, removes }: Prepared,
): Promise<Result<void, ChangeError>> => {
  const opened = await openClean(machine, facts.usersFile.path);
  if (!opened.ok) return opened;
  const journal = opened.value;
  return orKeep(journal, async () => {
    const asPlanned = await stillAsPlanned(machine, plan, facts);
    if (asPlanned.ok) return applyOrUndo({ machine, journal, plan, facts, removes });
    const closed = await journal.close("remove");
    return closed.ok ? asPlanned : closed;
  });
};

/** Where the work throws, which is a bug, the journal is kept and free: the next run puts right what was begun. */
const orKeep = async <T>(journal: JournalFile, work: () => Promise<T>): Promise<T> => {
  let isDone = false;
  try {
    const value = await work();
    isDone = true;
    return value;
  } finally {
    if (!isDone) await journal.close("keep");
  }
};

/** If the journal has an open run, another process began it after the last check. */
const openClean = async (machine: Machine, usersFile: string): Promise<Result<JournalFile, ChangeError>> => {
  const path = journalPath(usersFile);
  const journal = await machine.openJournal(path);
  if (!journal.ok || replayJournal(journal.value.records as readonly JournalRecord[]) === null)
    return journal;
  const closed = await journal.value.close("keep");
  return closed.ok ? { ok: false, error: { code: "busy", path } } : closed;
};

const applyOrUndo = async (applying: Applying): Promise<Result<void, ChangeError>> => {
  const { machine, journal, plan, removes } = applying;
  const applied = await applyPlan(applying);
  if (applied.ok) return journal.close("remove");
  const begun = plan.steps.slice(0, plan.steps.indexOf(applied.error.step) + 1).reverse();
  const undone = await undoSteps(machine, journal, { steps: begun, removes });
  const closed = await journal.close(undone.ok ? "remove" : "keep");
  const isUndone = undone.ok && closed.ok;
  return {
    ok: false,
    error: { code: "step-failed", ...applied.error, undone: isUndone ? undone.value : null },
  };
};
