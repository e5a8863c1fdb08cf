import type { Verdict } from "../../index.ts";
import { statusFromPlan } from "../plan/status-from-plan.ts";
import type { Strategy } from "../plan/strategy.ts";

/** `persist` uses only the `app-server` of Codex. */
const noDialog: Verdict = { code: "control-unavailable", why: "Its dialog is never answered for a person." };

/**
 * Codex: starts nothing and writes no file, since each launch names the folders that it may trust. With `persist` its
 * `app-server` records them. The modules are loaded late: no other provider needs them.
 */
export const codex: Strategy = {
  planner: (context, locate) => {
    const planner = import("./plan-codex-folder.ts").then(({ codexPlanner }) =>
      codexPlanner(context, locate),
    );
    return async (workspace) => (await planner)(workspace);
  },
  withConfirm: async (context, use) => {
    if (context.request.via === "dialog") return { ok: false, error: noDialog };
    const { confirmCodex } = await import("../control/confirm-codex.ts");
    return confirmCodex(context, use);
  },
  launchTogether: async (folders, context) => {
    const { codexLaunchTogether } = await import("./plan-codex-folder.ts");
    return codexLaunchTogether(folders, context);
  },
  statusReader: (context, locate) => {
    const planFolder = codex.planner(context, locate);
    return async (workspace) => {
      const { configFile } = await import("@trust/codex-overrides/node");
      return statusFromPlan(planFolder, workspace, context, configFile(context));
    };
  },
};
