import { describeStep, explain } from "@nc/user-wizard";
import type { PreparedRemoval, Removed } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import type { HeldRole, Reloaded } from "@gatehouse/user-directory";
import { reloadText } from "./add-result.ts";
import { ended, type Ended } from "./ended.ts";
import { changesText, planText, recoveredText } from "./review.ts";

/** The changes, and what stays, for the review at a terminal. */
export const removalText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [changesText(prepared), ...staysLines(prepared, roles)].join("\n");

/** The same with every step and how it is undone, for a dry run. */
export const previewText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [planText(prepared), ...staysLines(prepared, roles)].join("\n");

/** What no removal touches, and the person's roles that `ncl` granted. */
const staysLines = (prepared: PreparedRemoval, roles: readonly HeldRole[]): readonly string[] => {
  const { telegram_id: id, os_user: account } = prepared.plan.user;
  return [
    ...foldersLines(prepared),
    ...(account === null
      ? []
      : [`stays: the account ${account} with its home, which users add did not make`]),
    ...roles.map(
      ({ role, agentGroupId }) =>
        `stays: ${role} of ${agentGroupId ?? "all groups"}, granted by ncl. To take it away: ncl roles revoke --user telegram:${id} --role ${role}${reachFlag(role, agentGroupId)}`,
    ),
  ];
};

const reachFlag = (role: string, group: string | null): string =>
  group === null ? (role === "owner" ? "" : " --all-groups") : ` --group ${group}`;

/** Folders that are moved are in the plan. */
const foldersLines = ({ folders, plan }: PreparedRemoval): readonly string[] => {
  const moved = new Set(plan.steps.flatMap((step) => (step.kind === "move-directory" ? [step.to] : [])));
  return folders.filter((path) => !moved.has(path)).map((path) => `stays: ${path}`);
};

export type Outcome = {
  readonly removed: Removed;
  readonly roles: readonly HeldRole[];
  readonly reloaded: Result<Reloaded, Failure>;
  readonly isJson: boolean;
};

/** Prints the outcome. It is a failure if a host had to be told and was not. */
export const finishRemoval = ({ removed, roles, reloaded, isJson }: Outcome, io: Io): Result<null, Ended> => {
  const isLate = removed.status === "nothing-to-do";
  const { telegramId, name } = isLate
    ? removed.removes
    : { telegramId: removed.plan.user.telegram_id, name: removed.plan.user.name };
  const happened = isLate
    ? `${name} (telegram:${telegramId}) was removed by that.`
    : `Removed ${name} (telegram:${telegramId}).`;
  if (!reloaded.ok)
    return ended("refused", { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  const { status, recovered } = removed;
  if (isJson) {
    const document = isLate ? { user: { telegram_id: telegramId, name } } : documentOf(removed, roles);
    printJson(io, { ok: true, status, ...document, recovered, reload: reloaded.value });
    return { ok: true, value: null };
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...(isLate ? [] : endedLines(removed, roles)),
    reloaded.value.state === "no-host"
      ? "No host runs in the data folder. The next one takes away what users.yaml gave them when it starts."
      : reloadText(reloaded.value),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return { ok: true, value: null };
};

const endedLines = (prepared: PreparedRemoval, roles: readonly HeldRole[]): readonly string[] => [
  ...prepared.plan.steps.flatMap((step) =>
    step.kind === "move-directory" ? [`  ${describeStep(step).changes.replace(/^moves/, "moved:")}`] : [],
  ),
  ...staysLines(prepared, roles).map((line) => `  ${line}`),
  ...prepared.warnings.map((warning) => `warning: ${explain(warning)}`),
];

/** The part of the document that a dry run has too. */
export const documentOf = (
  { plan, warnings, folders }: PreparedRemoval,
  roles: readonly HeldRole[],
): Readonly<Record<string, unknown>> => ({
  user: plan.user,
  steps: plan.steps,
  diff: plan.diff,
  folders,
  roles: roles.map(({ role, agentGroupId }) => ({ role, agent_group_id: agentGroupId })),
  warnings: warnings.map((warning) => ({ ...warning, message: explain(warning) })),
});
