import { persistConsent } from "../explain.ts";
import type { Verdict } from "../index.ts";
import { projectGrants } from "../project-grants.ts";
import { planLaunchFolder } from "./plan-launch-folder.ts";
import { readProjectFiles } from "./read-project-files.ts";
import { statusFromPlan } from "./status-from-plan.ts";
import type { PlanContext, PlanFolder, Strategy } from "./strategy.ts";
import type { TrustRecord } from "./trust-record.ts";

/** Judges folders by what the CLI has recorded. `otherwise`: what becomes of one that nothing is recorded of; null: it is asked. */
export const recordPlanner = (
  record: TrustRecord,
  context: PlanContext,
  otherwise: (real: string) => Verdict | null,
): PlanFolder => {
  const recordedOf = record.read(context);
  return (workspace) =>
    planLaunchFolder(workspace, context, ({ real }) => {
      const recorded = recordedOf(real);
      return {
        trustKey: recorded?.key ?? real,
        grants: projectGrants(readProjectFiles([real], record.projectFiles)),
        settled: recorded?.verdict ?? null,
        launch: otherwise(real),
        file: record.file(context),
      };
    });
};

/** Answers the CLI's own dialog, and takes its record for the proof. */
export const confirmRecorded =
  (record: TrustRecord): NonNullable<Strategy["withConfirm"]> =>
  async (context, use) => {
    const [{ confirmWith }, { answeredRecord }] = await Promise.all([
      import("./confirm-with.ts"),
      import("./answered-record.ts"),
    ]);
    return confirmWith(context, await answeredRecord(record, context), use);
  };

/** A CLI that cannot be told at launch: without `persist` it is left alone, since every answer to it is recorded. */
export const recordedStrategy = (record: TrustRecord): Strategy => {
  const planner = (context: PlanContext): PlanFolder =>
    recordPlanner(record, context, () =>
      context.request.persist
        ? null
        : { code: "consent-needed", dialog: `${context.provider}/trust`, consent: persistConsent },
    );
  return {
    planner,
    withConfirm: confirmRecorded(record),
    launchTogether: null,
    statusReader: (context) => {
      const planFolder = planner(context);
      return (workspace) => statusFromPlan(planFolder, workspace, context, record.file(context));
    },
  };
};
