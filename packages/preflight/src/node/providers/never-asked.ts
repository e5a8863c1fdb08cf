import type { PlannedFolder, Verdict } from "../../index.ts";
import { unprovenVerdict } from "../../providers/version-verdicts.ts";
import { statusFromPlan } from "../plan/status-from-plan.ts";
import type { Locate, PlanContext, Strategy } from "../plan/strategy.ts";

/** A CLI that reaches its prompt in every folder, in the tested versions. */
export const neverAsked: Strategy = {
  planner: (context, locate) => (workspace) => planFolder(workspace, context, locate),
  withConfirm: null,
  launchTogether: null,
  statusReader: (context, locate) => (workspace) =>
    statusFromPlan((folder) => planFolder(folder, context, locate), workspace, context, null),
};

const planFolder = async (
  workspace: string,
  { provider, cli }: PlanContext,
  locate: Locate,
): Promise<PlannedFolder> => {
  const startedAt = performance.now();
  const located = await locate(workspace);
  const verdict: Verdict = located.ok
    ? (unprovenVerdict(provider, cli) ?? { code: "not-needed" })
    : { code: "not-a-folder", detail: located.error.detail };
  return {
    workspace,
    provider,
    paths: located.ok ? located.value : null,
    trustKey: null,
    grants: null,
    verdict,
    durationMs: performance.now() - startedAt,
  };
};
