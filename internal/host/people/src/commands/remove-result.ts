import { describeStep, explain, idsOfRemoved, userIdsOf } from "@nc/user-wizard";
import type { PreparedRemoval, Removed } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { ok, type Result } from "@gatehouse/std";
import type { HeldRole } from "../held-roles.ts";
import type { Reloaded } from "../reload-host.ts";
import { changesText, planText, recoveredText, reloadText } from "./changes.ts";
import { ended, type Ended } from "./ended.ts";

export type RemoveOutcome = {
  readonly removed: Removed;
  readonly roles: readonly HeldRole[];
  readonly reloaded: Result<Reloaded, Failure>;
  /** The process groups of the person's agents that still run. */
  readonly running: readonly number[];
  readonly isJson: boolean;
};

/** Prints the outcome. Fails if the host's reload failed. */
export const finishRemoval = (
  { removed, roles, reloaded, running, isJson }: RemoveOutcome,
  io: Io,
): Result<null, Ended> => {
  // This run only finished an earlier, killed removal of the same person.
  const isFinishing = removed.status === "nothing-to-do";
  const { name } = isFinishing ? removed.removes : removed.plan.user;
  const who = `${name} (${goneIds(removed).join(", ")})`;
  const happened = isFinishing ? `${who} was removed by that run.` : `Removed ${who}.`;
  if (!reloaded.ok)
    return ended("refused", { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  const { status, recovered } = removed;
  if (isJson) {
    const document = isFinishing
      ? { user: { telegram_id: removed.removes.telegramId, name, ids: goneIds(removed) } }
      : removalDocument(removed, roles);
    printJson(io, { ok: true, status, ...document, recovered, reload: reloaded.value, running });
    return ok(null);
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...(isFinishing ? [] : endedLines(removed, roles)),
    reloaded.value.state === "no-host"
      ? "No host runs in the data folder. The next one takes away their rights from users.yaml when it starts."
      : reloadText(reloaded.value),
    ...running.map((pid) => `warning: one of their agents still runs. To end it: sudo kill -KILL -- -${pid}`),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return ok(null);
};

/** All ids of the person who is gone, as `telegram:7`. */
export const goneIds = (removed: Removed): readonly string[] =>
  removed.status === "nothing-to-do" ? idsOfRemoved(removed.removes) : userIdsOf(removed.plan.user);

/** The changes, and the things that stay, for the review at a terminal. */
export const removalText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [changesText(prepared), ...staysLines(prepared, roles)].join("\n");

/** The same, with each step and its undo, for a dry run. */
export const previewText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [planText(prepared), ...staysLines(prepared, roles)].join("\n");

/** The folders, the account and the roles by `ncl` that stay. */
const staysLines = (prepared: PreparedRemoval, roles: readonly HeldRole[]): readonly string[] => {
  const { os_user: account } = prepared.plan.user;
  return [
    ...foldersLines(prepared),
    ...(account === null
      ? []
      : [`stays: the account ${account} with its home, which users add did not make`]),
    ...roles.map(
      ({ userId, role, agentGroupId }) =>
        `stays: ${role} of ${agentGroupId ?? "all groups"}, granted by ncl. To take it away: ncl roles revoke --user ${userId} --role ${role}${reachFlag(role, agentGroupId)}`,
    ),
  ];
};

const reachFlag = (role: string, group: string | null): string =>
  group === null ? (role === "owner" ? "" : " --all-groups") : ` --group ${group}`;

/** The folders that stay. Moved folders are in the plan. */
const foldersLines = ({ folders, plan }: PreparedRemoval): readonly string[] => {
  const moved = new Set(plan.steps.flatMap((step) => (step.kind === "move-directory" ? [step.to] : [])));
  return folders.filter((path) => !moved.has(path)).map((path) => `stays: ${path}`);
};

/** The moved folders and the things that stay, for the result. */
const endedLines = (prepared: PreparedRemoval, roles: readonly HeldRole[]): readonly string[] => [
  ...prepared.plan.steps.flatMap((step) =>
    step.kind === "move-directory" ? [`  ${describeStep(step).changes.replace(/^moves/, "moved:")}`] : [],
  ),
  ...staysLines(prepared, roles).map((line) => `  ${line}`),
  ...prepared.warnings.map((warning) => `warning: ${explain(warning)}`),
];

/** The part of the JSON document of `users remove` that a dry run has too. */
export const removalDocument = (
  { plan, warnings, folders }: PreparedRemoval,
  roles: readonly HeldRole[],
): Readonly<Record<string, unknown>> => ({
  user: plan.user,
  steps: plan.steps,
  diff: plan.diff,
  folders,
  roles: roles.map(({ userId, role, agentGroupId }) => ({
    user: userId,
    role,
    agent_group_id: agentGroupId,
  })),
  warnings: warnings.map((warning) => ({ ...warning, message: explain(warning) })),
});
