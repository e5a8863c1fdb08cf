import { geminiLaunch } from "../gemini-trust.ts";
import type { Strategy } from "./strategy.ts";

/** Gemini CLI: nothing is started and no file is written, since each launch can be told to trust its folder. */
export const gemini: Strategy = {
  planner: (context) => {
    const planner = import("./plan-gemini-folder.ts").then(({ geminiPlanner }) => geminiPlanner(context));
    return async (workspace) => (await planner)(workspace);
  },
  withConfirm: null,
  launchTogether: async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
  statusReader: (context) => {
    const planFolder = gemini.planner(context);
    return async (workspace) => {
      const [{ statusFromPlan }, { geminiStateFile }] = await Promise.all([
        import("./status-from-plan.ts"),
        import("./plan-gemini-folder.ts"),
      ]);
      return statusFromPlan(planFolder, workspace, context, geminiStateFile(context));
    };
  },
};
