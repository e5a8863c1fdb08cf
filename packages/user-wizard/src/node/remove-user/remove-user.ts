import { fail, ok, type Result } from "@gatehouse/std";
import type {
  PrepareRemovalError,
  Recovered,
  RemoveError,
  Warning,
  FactsError,
} from "../../plan/add-error.ts";
import { idsOfRemoved, type Removes } from "../../plan/journal.ts";
import type { Plan } from "../../plan/plan.ts";
import {
  findUser,
  isAskedFor,
  planRemoval,
  type FoldersFate,
  type RemovalFacts,
  type Who,
} from "../../plan/plan-removal.ts";
import type { Machine } from "../../ports.ts";
import { carryOut, recoverFirst, rootNeeded } from "../apply/carry-out.ts";
import type { BeforeSudoEnds } from "../apply/apply-plan.ts";
import { absolutePlaces, type Places } from "../places.ts";
import { layoutOf, archiveOf } from "../../plan/user-layout.ts";
import { hostFacts, layoutFacts, ruleOnDisk, type HostFacts } from "../host-facts.ts";
import { stagingPaths } from "../../plan/plan-steps.ts";
import type { User } from "../../user/user.ts";
import { userIdsOf } from "../../user/user-ids.ts";

export type RemoveRequest = {
  readonly places: Places;
  readonly who: Who;
  /** The default is `keep`. */
  readonly folders?: FoldersFate;
  /** Shows the plan before anything is done; false leaves the disk unchanged. */
  readonly review?: (prepared: PreparedRemoval) => Promise<boolean>;
  /**
   * Called after their entry was removed from users.yaml and before their sudo rule is. It tells the host,
   * which ends their agents through that rule.
   */
  readonly beforeSudoEnds?: BeforeSudoEnds;
};

export type PreparedRemoval = {
  readonly plan: Plan;
  readonly warnings: readonly Warning[];
  /** The paths of the person's folders after the removal; empty if there are none. */
  readonly folders: readonly string[];
};

export type Removed =
  | (PreparedRemoval & { readonly status: "removed" | "declined"; readonly recovered: Recovered | null })
  /** This call finished an earlier, interrupted removal of the same person. */
  | { readonly status: "nothing-to-do"; readonly recovered: Recovered; readonly removes: Removes };

/** Plans what removing this person would do. It only reads. */
export const prepareRemoval = async (
  machine: Machine,
  { who, folders = "keep", ...request }: RemoveRequest,
): Promise<Result<PreparedRemoval & { readonly facts: RemovalFacts }, PrepareRemovalError>> => {
  const places = absolutePlaces(request.places);
  const host = await hostFacts(machine, places);
  if (!host.ok) return host;
  const found = findUser(host.value.usersFile.set, who);
  if (!found.ok) return fail({ code: "refused", refusals: [found.error] });
  const user = found.value;
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const facts = await gatherRemoval(machine, { ...host.value, places, user, stamp });
  if (!facts.ok) return facts;
  const plan = planRemoval(user, { folders, stamp }, facts.value);
  if (!plan.ok) return fail({ code: "refused", refusals: plan.error });
  const isLastAdmin = user.role === "admin" && !plan.value.after.users.some(({ role }) => role === "admin");
  return ok({
    plan: plan.value,
    warnings: isLastAdmin ? [{ code: "no-admin" }] : [],
    folders: foldersAfter(plan.value, places.dataDir, facts.value),
    facts: facts.value,
  });
};

type Removal = HostFacts & {
  readonly places: Places;
  readonly user: User;
  /** The time, in the form used in an archive's name. */
  readonly stamp: string;
};

/** Gathers all other facts about the machine that a removal needs. Writes nothing. */
const gatherRemoval = async (
  machine: Machine,
  { places, user, stamp, usersFile, service }: Removal,
): Promise<Result<RemovalFacts, FactsError>> => {
  const { dataDir } = places;
  const layout = layoutOf(dataDir, user);
  const archive = archiveOf(dataDir, user, stamp);
  const sudoers = await ruleOnDisk(machine, places, user, user.os_user, service);
  if (!sudoers.ok) return sudoers;
  const entries = await layoutFacts(machine, {
    dataDir,
    layout,
    more: [archive.shared, archive.folder, ...stagingPaths(places.usersFile)],
  });
  if (!entries.ok) return entries;
  return ok({
    usersFile,
    dataDir,
    service,
    ...entries.value,
    sudoers: sudoers.value,
  });
};

const foldersAfter = ({ steps, user }: Plan, dataDir: string, { at }: RemovalFacts): readonly string[] => {
  const moved = new Map(
    steps.flatMap((step) => (step.kind === "move-directory" ? [[step.from, step.to] as const] : [])),
  );
  return layoutOf(dataDir, user).own.flatMap((path) => (at(path) === null ? [] : [moved.get(path) ?? path]));
};

/**
 * Removes a person from a host, or changes nothing: removes their entry and the sudoers rule that `addUser`
 * wrote, and keeps their folders or moves them into an archive. First finishes or undoes an earlier run that
 * was interrupted for any reason.
 */
export const removeUser = async (
  machine: Machine,
  request: RemoveRequest,
): Promise<Result<Removed, RemoveError>> => {
  const root = rootNeeded(machine);
  if (!root.ok) return root;
  const interrupted = await recoverFirst(
    machine,
    absolutePlaces(request.places).usersFile,
    request.beforeSudoEnds,
  );
  if (!interrupted.ok) return interrupted;
  const recovered = interrupted.value;
  const prepared = await prepareRemoval(machine, request);
  if (!prepared.ok) {
    const isDone = recovered?.outcome === "finished" && isSame(recovered.removes, request.who);
    if (!isDone || !isUnknown(prepared.error)) return prepared;
    return ok({ status: "nothing-to-do", recovered, removes: recovered.removes! });
  }
  const { facts, ...shown } = prepared.value;
  if (request.review !== undefined && !(await request.review(shown)))
    return ok({ ...shown, recovered, status: "declined" });
  const { telegram_id: telegramId, name } = shown.plan.user;
  const done = await carryOut(machine, {
    plan: shown.plan,
    facts: { ...facts, groups: [] },
    removes: { telegramId, name, userIds: userIdsOf(shown.plan.user) },
    beforeSudoEnds: request.beforeSudoEnds,
  });
  return done.ok ? ok({ ...shown, recovered, status: "removed" }) : done;
};

const isSame = (removes: Removes | null, who: Who): boolean =>
  removes !== null && isAskedFor(who, { name: removes.name, userIds: idsOfRemoved(removes) });

const isUnknown = (error: PrepareRemovalError): boolean =>
  error.code === "refused" && error.refusals.some(({ code }) => code === "unknown-user");
