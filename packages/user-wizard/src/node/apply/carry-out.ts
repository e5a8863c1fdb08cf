import { randomUUID } from "node:crypto";
import type { ChangeError, Recovered } from "../../plan/add-error.ts";
import type { Removes } from "../../plan/journal.ts";
import type { Plan } from "../../plan/plan.ts";
import type { JournalFile, Machine } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import { type BeforeSudoEnds, applyPlan, type ApplyFacts, type Applying } from "./apply-plan.ts";
import { stillAsPlanned } from "./still-as-planned.ts";
import { endRun, journalPath, openLeftJournal, openRunIn } from "./open-run.ts";
import { recover, undoSteps } from "./undo-steps.ts";

/** Refuses to run without root, which alone can change the owner of directories. */
export const rootNeeded = ({ uid }: Machine): Result<null, ChangeError> =>
  uid === 0 ? { ok: true, value: null } : { ok: false, error: { code: "root-needed", uid } };

/** Finishes or undoes an earlier run that was interrupted; null if there was none. */
export const recoverFirst = async (
  machine: Machine,
  usersFile: string,
  beforeSudoEnds?: BeforeSudoEnds,
): Promise<Result<Recovered | null, ChangeError>> => {
  const journal = await openLeftJournal(machine, usersFile);
  if (!journal.ok || journal.value === null) return journal.ok ? { ok: true, value: null } : journal;
  const left = journal.value;
  return keepJournalOnThrow(left, () => recoverIn(machine, left, { usersFile, beforeSudoEnds }));
};

type Left = { readonly usersFile: string; readonly beforeSudoEnds: BeforeSudoEnds | undefined };

const recoverIn = async (
  machine: Machine,
  journal: JournalFile,
  { usersFile, beforeSudoEnds }: Left,
): Promise<Result<Recovered | null, ChangeError>> => {
  const open = await openRunIn(machine, journal, usersFile);
  if (!open.ok) {
    const closed = await journal.close("keep");
    return closed.ok ? open : closed;
  }
  const recovered =
    open.value === null
      ? nothing
      : open.value.ended === null
        ? await recover(machine, journal, { state: open.value.state, beforeSudoEnds })
        : ({ ok: true, value: open.value.ended } as const);
  if (recovered.ok) {
    const ended = await endRun(machine, journal, usersFile);
    return ended.ok ? recovered : ended;
  }
  await journal.close("keep");
  const path = journalPath(usersFile);
  return { ok: false, error: { code: "recovery-failed", path, cause: recovered.error } };
};

const nothing = { ok: true, value: null } as const;

/** A plan, and what was true when it was made. */
export type Prepared = {
  readonly plan: Plan;
  readonly facts: ApplyFacts;
  readonly removes: Removes | null;
  readonly beforeSudoEnds?: BeforeSudoEnds;
};

/** Carries out the whole plan under the journal, or undoes it. */
export const carryOut = async (
  machine: Machine,
  { plan, facts, removes, beforeSudoEnds }: Prepared,
): Promise<Result<void, ChangeError>> => {
  const opened = await openClean(machine, facts.usersFile.path);
  if (!opened.ok) return opened;
  const journal = opened.value;
  return keepJournalOnThrow(journal, async () => {
    const asPlanned = await stillAsPlanned(machine, plan, facts);
    if (asPlanned.ok)
      return applyOrUndo({
        machine,
        journal,
        plan,
        facts,
        removes,
        run: randomUUID(),
        ...(beforeSudoEnds && { beforeSudoEnds }),
      });
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

/**
 * Opens the journal for a new run. A run that is open in it was begun by another process after the last
 * check.
 */
const openClean = async (machine: Machine, usersFile: string): Promise<Result<JournalFile, ChangeError>> => {
  const path = journalPath(usersFile);
  const journal = await machine.openJournal(path);
  if (!journal.ok) return journal;
  const open = await openRunIn(machine, journal.value, usersFile);
  if (open.ok && open.value === null) return journal;
  // An empty journal was created by this very call, because the journal of the recorded run is missing.
  const isEmpty = journal.value.records.length === 0;
  const closed = await journal.value.close(isEmpty ? "remove" : "keep");
  if (!closed.ok) return closed;
  return open.ok ? { ok: false, error: { code: "busy", path } } : open;
};

const applyOrUndo = async (applying: Applying): Promise<Result<void, ChangeError>> => {
  const { machine, journal, plan, facts, removes } = applying;
  const applied = await applyPlan(applying);
  if (applied.ok) return endRun(machine, journal, facts.usersFile.path);
  const { isCommitted, ...error } = applied.error;
  if (isCommitted) {
    await journal.close("keep");
    return { ok: false, error: { code: "step-failed", ...error, undone: null } };
  }
  const begun = plan.steps.slice(0, plan.steps.indexOf(error.step) + 1).reverse();
  const undone = await undoSteps(machine, journal, { steps: begun, removes });
  const closed = undone.ok
    ? await endRun(machine, journal, facts.usersFile.path)
    : await journal.close("keep");
  const isUndone = undone.ok && closed.ok;
  return {
    ok: false,
    error: { code: "step-failed", ...error, undone: isUndone ? undone.value : null },
  };
};
