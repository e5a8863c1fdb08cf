import type { AddError, PrepareError, Recovered, Warning } from "../../plan/add-error.ts";
import { entryOf, type Answers } from "../../user/answers.ts";
import { planAddUser, type Facts, type Plan } from "../../plan/plan.ts";
import type { Machine } from "../../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { findRootGroups } from "../find-accounts.ts";
import { carryOut, recoverFirst, rootNeeded } from "../apply/carry-out.ts";
import { absolutePlaces, type Places } from "../places.ts";
import { homeProblem } from "../home-problem.ts";
import { gatherFacts } from "./gather-facts.ts";

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

/**
 * Plans what adding this person would do. It only reads: for a dry run, and for checking answers one by one.
 */
export const prepareUser = async (
  machine: Machine,
  request: AddRequest,
): Promise<Result<Prepared & { readonly facts: Facts }, PrepareError>> => {
  const places = absolutePlaces(request.places);
  // Checks the answers before any of them reaches a program's arguments.
  const entry = entryOf(request.answers);
  if (!entry.ok) return fail({ code: "refused", refusals: entry.error });
  const facts = await gatherFacts(machine, places, entry.value);
  if (!facts.ok) return facts;
  const plan = planAddUser(entry.value, facts.value);
  if (!plan.ok) return fail({ code: "refused", refusals: plan.error });
  const warnings = await warningsFor(machine, facts.value, plan.value);
  return ok({ plan: plan.value, warnings, facts: facts.value });
};

const warningsFor = async (
  machine: Machine,
  { account, groups, usersFile }: Facts,
  { user }: Plan,
): Promise<readonly Warning[]> => {
  const warnings: Warning[] = [];
  if (![...usersFile.set.users, user].some(({ role }) => role === "admin"))
    warnings.push({ code: "no-admin" });
  if (account === null) return warnings;
  const { name, home } = account;
  const byGroups = await findRootGroups(machine, account);
  if (byGroups !== null) warnings.push(byGroups);
  // A home that cannot be looked at is no reason to refuse: the first message says what is wrong with it.
  const problem = await homeProblem(machine, account, groups);
  if (problem.ok && problem.value !== null) return [...warnings, problem.value];
  const file = `${home}/.claude.json`;
  const looked = await machine.files.look(file);
  if (!looked.ok || looked.value === null) warnings.push({ code: "never-signed-in", account: name, file });
  return warnings;
};

/**
 * Adds a person to a host, or changes nothing. It writes only after all checks have passed and the review has
 * agreed. An earlier run that was interrupted for any reason is first finished or undone. A second call with
 * the same answers finds nothing to do.
 */
export const addUser = async (machine: Machine, request: AddRequest): Promise<Result<Added, AddError>> => {
  const root = rootNeeded(machine);
  if (!root.ok) return root;
  const interrupted = await recoverFirst(machine, absolutePlaces(request.places).usersFile);
  if (!interrupted.ok) return interrupted;
  const recovered = interrupted.value;
  const prepared = await prepareUser(machine, request);
  if (!prepared.ok) return prepared;
  const { facts, ...shown } = prepared.value;
  if (shown.plan.steps.length === 0) return ok({ ...shown, recovered, status: "nothing-to-do" });
  if (request.review !== undefined && !(await request.review(shown)))
    return ok({ ...shown, recovered, status: "declined" });
  const done = await carryOut(machine, { plan: shown.plan, facts, removes: null, beforeSudoEnds: undefined });
  return done.ok ? ok({ ...shown, recovered, status: "added" }) : done;
};
