import type { Verdict } from "../../index.ts";
import { projectGrants } from "../../grants/project-grants.ts";
import { planLaunchFolder } from "../plan/plan-launch-folder.ts";
import type { PlanContext, PlanFolder } from "../plan/strategy.ts";
import type { TrustRecord } from "./trust-record.ts";

/** Judges folders by what the CLI has recorded. `otherwise`: what becomes of one that nothing is recorded of; null: it is asked. */
export const recordPlanner = (
  record: TrustRecord,
  context: PlanContext,
  otherwise: (real: string) => Verdict | null,
): PlanFolder => {
  const recordedOf = record.read(context);
  return (workspace) =>
    planLaunchFolder(workspace, context, (paths) => {
      const recorded = recordedOf(paths);
      return {
        trustKey: recorded?.key ?? record.keyOf(paths),
        grants: projectGrants(record.projectFiles(paths)),
        settled: recorded?.verdict ?? null,
        launch: otherwise(paths.real),
        file: record.file(context),
      };
    });
};
