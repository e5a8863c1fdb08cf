import type { Strategy } from "../plan/strategy.ts";

/**
 * Codex: starts nothing and writes no file, since each launch is told which folders it may trust. The modules
 * that build the launch are loaded late: no other provider needs them.
 */
export const codex: Strategy = {
  planner: (context) => {
    const planner = import("./plan-codex-folder.ts").then(({ codexPlanner }) => codexPlanner(context));
    return async (workspace) => (await planner)(workspace);
  },
  withConfirm: null,
  launchTogether: async (folders, context) => {
    const { codexLaunchTogether } = await import("./plan-codex-folder.ts");
    return codexLaunchTogether(folders, context);
  },
  statusReader: (context) => {
    const planFolder = codex.planner(context);
    return async (workspace) => {
      const [{ statusFromPlan }, { configFile }] = await Promise.all([
        import("../plan/status-from-plan.ts"),
        import("@trust/codex-overrides/node"),
      ]);
      return statusFromPlan(planFolder, workspace, context, configFile(context));
    };
  },
};
