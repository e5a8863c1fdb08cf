import type { Verdict } from "../../index.ts";
import { unprovenVerdict } from "../../providers/version-verdicts.ts";
import { projectGrants } from "../../grants.ts";
import { planLaunchFolder } from "../plan/plan-launch-folder.ts";
import type { Locate, PlanContext, PlanFolder } from "../plan/strategy.ts";
import type { TrustStore } from "./trust-store.ts";

/**
 * Judges folders by the CLI's records. `otherwise` gives the verdict for a folder without a record; null: the CLI is
 * asked. For an untested version we do not claim that the CLI does not ask.
 */
export const storePlanner = (
  store: TrustStore,
  context: PlanContext,
  locate: Locate,
  otherwise: (real: string) => Verdict | null,
): PlanFolder => {
  const entryOf = store.read(context);
  return (workspace) =>
    planLaunchFolder(workspace, context, locate, (paths) => {
      const entry = entryOf(paths);
      const doubt =
        entry?.verdict.code === "not-asked" ? unprovenVerdict(context.provider, context.cli) : null;
      const launch = otherwise(paths.real);
      return {
        trustKey: entry?.key ?? store.keyOf(paths),
        grants: projectGrants(store.projectFiles(paths)),
        settled: doubt === null ? (entry?.verdict ?? null) : null,
        launch: launch === null ? null : () => doubt ?? launch,
        file: store.file(context),
      };
    });
};
