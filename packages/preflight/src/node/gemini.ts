import { geminiLaunch } from "../gemini-trust.ts";
import { geminiRecord } from "./gemini-record.ts";
import { confirmRecorded, recordPlanner } from "./recorded-strategy.ts";
import { statusFromPlan } from "./status-from-plan.ts";
import type { Strategy } from "./strategy.ts";

/** Gemini CLI: each launch can be told to trust its folder, and nothing is started or written; with `persist` it is asked. */
export const gemini: Strategy = {
  planner: (context) => {
    const launch = geminiLaunch(context.cli?.version ?? null);
    return recordPlanner(geminiRecord, context, (key) =>
      context.request.persist ? null : { code: "passed-at-launch", key, launch },
    );
  },
  withConfirm: confirmRecorded(geminiRecord),
  launchTogether: async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
  statusReader: (context) => {
    const planFolder = gemini.planner(context);
    return (workspace) => statusFromPlan(planFolder, workspace, context, geminiRecord.file(context));
  },
};
