import type { PreflightEvent, PreflightReport } from "@trust/preflight";
import { outcomes } from "../outcome.ts";
import type { LaunchFacts, LaunchTools } from "./launch-facts.ts";
import { memberReport } from "./plan-steps.ts";

type ProgressFacts = Pick<LaunchFacts, "members">;

const reportProgress = (
  message: string,
  { members }: ProgressFacts,
  { watch }: LaunchTools,
  warnings: readonly string[] = [],
): void =>
  watch.onProgress?.({
    state: "spawning",
    message,
    members: members.map(memberReport),
    ...(warnings.length === 0 ? {} : { warnings }),
  });

/** Passes on an event of preflight. A newly trusted folder also gets a line of progress, in the seed's words. */
export const reportTrustEvent = (event: PreflightEvent, facts: ProgressFacts, tools: LaunchTools): void => {
  tools.watch.onPreflight?.(event);
  if (event.type !== "result" || event.result.status !== "trusted") return;
  const { provider } = event.result;
  reportProgress(
    `Accepted ${provider.charAt(0).toUpperCase()}${provider.slice(1)} workspace trust`,
    facts,
    tools,
  );
};

/** Reports that trust is prepared, with the failures. Reports nothing if there was nothing to do. */
export const reportTrustEnd = (
  { results }: PreflightReport,
  facts: ProgressFacts,
  tools: LaunchTools,
): void => {
  const failed = results.filter(({ code }) => outcomes[code] === "soft_failed");
  if (failed.length === 0 && !results.some(({ status }) => status === "trusted")) return;
  reportProgress(
    "Workspace trust prepared",
    facts,
    tools,
    failed.map(({ message }) => message),
  );
};
