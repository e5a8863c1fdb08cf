import type { Verdict } from "../../index.ts";
import { projectGrants } from "../../grants/project-grants.ts";
import { planLaunchFolder } from "../plan/plan-launch-folder.ts";
import type { PlanContext, PlanFolder } from "../plan/strategy.ts";
import type { TrustStore } from "./trust-store.ts";

/**
 * Judges folders by the CLI's records. `otherwise` gives the verdict for a folder without a record; null: the
 * CLI is asked.
 */
export const storePlanner = (
  store: TrustStore,
  context: PlanContext,
  otherwise: (real: string) => Verdict | null,
): PlanFolder => {
  const entryOf = store.read(context);
  return (workspace) =>
    planLaunchFolder(workspace, context, (paths) => {
      const entry = entryOf(paths);
      return {
        trustKey: entry?.key ?? store.keyOf(paths),
        grants: projectGrants(store.projectFiles(paths)),
        settled: entry?.verdict ?? null,
        launch: otherwise(paths.real),
        file: store.file(context),
      };
    });
};
