import type { AddError, PrepareError, Recovered, Warning } from "../../plan/add-error.ts";
import { entryOf, type Answers } from "../../user/answers.ts";
import { replayJournal, type JournalRecord } from "../../plan/journal.ts";
import { planAddUser, type Facts, type Plan } from "../../plan/plan.ts";
import type { FileError, JournalError, JournalFile, Machine } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import { applyPlan, stillAsPlanned } from "./apply-plan.ts";
import { gatherFacts, type Places } from "./gather-facts.ts";
import { recover, undoSteps } from "./undo-steps.ts";
import { warningsFor } from "./warnings.ts";

export type AddRequest = {
  readonly places: Places;
  readonly answers: Answers;
  /** Shows the plan before anything is done; false leaves the disk unchanged. */
  readonly review?: (prepared: Prepared) => Promise<boolean>;
};

export type Prepared = { readonly plan: Plan; readonly warnings: readonly Warning[] };

export type Added = Prepared & {
  readonly status: "added" | "nothing-to-do" | "declined";
  /** An interrupted earlier run, and how it was finished or undone. */
  readonly recovered: Recovered | null;
};

/** The path of the journal of a users.yaml. It exists during a run and after an interrupted one. */
export const journalPath = (usersFile: string): string => `${usersFile}.journal`;

/**
 * Plans what adding this person would do. It only reads: for a dry run, and for checking answers one by one.
 */
export const prepareUser = async (
  machine: Machine,
  { places, answers }: AddRequest,
): Promise<Result<Prepared & { readonly facts: Facts }, PrepareError>> => {
  // Checks the answers before any of them reaches a program's arguments.
  const entry = entryOf(answers);
  if (!entry.ok) return { ok: false, error: { code: "refused", refusals: entry.error } };
  const facts = await gatherFacts(machine, places, entry.value);
  if (!facts.ok) return facts;
  const plan = planAddUser(answers, facts.value);
  if (!plan.ok) return { ok: false, error: { code: "refused", refusals: plan.error } };
  const warnings = await warningsFor(machine, facts.value, plan.value);
  return { ok: true, value: { plan: plan.value, warnings, facts: facts.value } };
};

/**
 * Adds a person to a host, or changes nothing. It writes only after all checks have passed and the review has
 * agreed. An earlier run that was interrupted for any reason is first finished or undone. A second call with
 * the same answers finds nothing to do.
 */
export const addUser = async (machine: Machine, request: AddRequest): Promise<Result<Added, AddError>> => {
  if (machine.uid !== 0) return { ok: false, error: { code: "root-needed", uid: machine.uid } };
  const interrupted = await recoverFirst(machine, request.places);
  if (!interrupted.ok) return interrupted;
  const recovered = interrupted.value;
  const prepared = await prepareUser(machine, request);
  if (!prepared.ok) return prepared;
  const { facts, ...shown } = prepared.value;
  if (shown.plan.steps.length === 0)
    return { ok: true, value: { ...shown, recovered, status: "nothing-to-do" } };
  if (request.review !== undefined && !(await request.review(shown)))
    return { ok: true, value: { ...shown, recovered, status: "declined" } };
  const opened = await openClean(machine, request.places);
  if (!opened.ok) return opened;
  const asPlanned = await stillAsPlanned(machine, shown.plan, facts);
  if (!asPlanned.ok) {
    const closed = await opened.value.close("remove");
    return closed.ok ? asPlanned : closed;
  }
  const applied = await applyOrUndo(machine, opened.value, shown.plan, facts);
  return applied.ok ? { ok: true, value: { ...shown, recovered, status: "added" } } : applied;
};

const recoverFirst = async (
  machine: Machine,
  { usersFile }: Places,
): Promise<Result<Recovered | null, JournalError>> => {
  const path = journalPath(usersFile);
  const looked = await machine.files.look(path);
  if (!looked.ok || looked.value === null) return looked.ok ? { ok: true, value: null } : looked;
  const journal = await machine.openJournal(path);
  if (!journal.ok) return journal;
  const recovered = await recover(machine, journal.value);
  const closed = await journal.value.close(recovered.ok ? "remove" : "keep");
  return recovered.ok && !closed.ok ? closed : recovered;
};

/** If the journal has an open run, another process began it after the last check. */
const openClean = async (
  machine: Machine,
  { usersFile }: Places,
): Promise<Result<JournalFile, JournalError>> => {
  const path = journalPath(usersFile);
  const journal = await machine.openJournal(path);
  if (!journal.ok || replayJournal(journal.value.records as readonly JournalRecord[]) === null)
    return journal;
  const closed = await journal.value.close("keep");
  return closed.ok ? { ok: false, error: { code: "busy", path } } : closed;
};

const applyOrUndo = async (
  machine: Machine,
  journal: JournalFile,
  plan: Plan,
  facts: Facts,
): Promise<Result<void, AddError>> => {
  const applied = await applyPlan({ machine, journal, plan, facts });
  if (applied.ok) return journal.close("remove");
  const begun = plan.steps.slice(0, plan.steps.indexOf(applied.error.step) + 1).reverse();
  const undone = await undoSteps(machine, journal, begun);
  const closed: Result<void, FileError> = await journal.close(undone.ok ? "remove" : "keep");
  const isUndone = undone.ok && closed.ok;
  return {
    ok: false,
    error: { code: "step-failed", ...applied.error, undone: isUndone ? undone.value : null },
  };
};
