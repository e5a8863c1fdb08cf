import { locateWorkspace } from "@trust/claude-state-probe/node";
import type { PlannedFolder, Verdict } from "../../index.ts";
import { statusFromPlan } from "../plan/status-from-plan.ts";
import type { PlanContext, Strategy } from "../plan/strategy.ts";

/** A CLI that reaches its prompt in every folder: the only check is that the folder exists. */
export const neverAsked: Strategy = {
  planner: (context) => (workspace) => planFolder(workspace, context),
  withConfirm: null,
  launchTogether: null,
  statusReader: (context) => (workspace) =>
    statusFromPlan((folder) => planFolder(folder, context), workspace, context, null),
};

const planFolder = async (workspace: string, { provider, home }: PlanContext): Promise<PlannedFolder> => {
  const startedAt = performance.now();
  const located = await locateWorkspace(workspace, { home });
  const verdict: Verdict = located.ok
    ? { code: "not-needed" }
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
