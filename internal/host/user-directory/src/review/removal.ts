import { describeStep, explain } from "@nc/user-wizard";
import type { PreparedRemoval } from "@nc/user-wizard/node";
import type { HeldRole } from "../held-roles.ts";
import { changesText, planText } from "./changes.ts";

/** The changes, and the things that stay, for the review at a terminal. */
export const removalText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [changesText(prepared), ...staysLines(prepared, roles)].join("\n");

/** The same, with each step and its undo, for a dry run. */
export const previewText = (prepared: PreparedRemoval, roles: readonly HeldRole[]): string =>
  [planText(prepared), ...staysLines(prepared, roles)].join("\n");

/** The folders, the account and the roles by `ncl` that stay. */
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

/** The folders that stay. Moved folders are in the plan. */
const foldersLines = ({ folders, plan }: PreparedRemoval): readonly string[] => {
  const moved = new Set(plan.steps.flatMap((step) => (step.kind === "move-directory" ? [step.to] : [])));
  return folders.filter((path) => !moved.has(path)).map((path) => `stays: ${path}`);
};

/** The moved folders and the things that stay, for the result. */
export const endedLines = (prepared: PreparedRemoval, roles: readonly HeldRole[]): readonly string[] => [
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
  roles: roles.map(({ role, agentGroupId }) => ({ role, agent_group_id: agentGroupId })),
  warnings: warnings.map((warning) => ({ ...warning, message: explain(warning) })),
});
