import type { PreflightEvent, PreflightReport } from "@trust/preflight";
import { outcomes } from "../outcome.ts";
import type { LaunchFacts, LaunchTools } from "./launch-facts.ts";
import { memberReport } from "./plan-steps.ts";

type Told = Pick<LaunchFacts, "members">;

const tell = (
  message: string,
  { members }: Told,
  { watch }: LaunchTools,
  warnings: readonly string[] = [],
): void =>
  watch.onProgress?.({
    ...{ state: "spawning", message, members: members.map(memberReport) },
    ...(warnings.length === 0 ? {} : { warnings }),
  });

/** Passes an event of preflight on. A folder that was trusted just now is a line of progress, as the seed words it. */
export const tellTrustEvent = (event: PreflightEvent, facts: Told, tools: LaunchTools): void => {
  tools.watch.onPreflight?.(event);
  if (event.type !== "result" || event.result.status !== "trusted") return;
  const { provider } = event.result;
  tell(`Accepted ${provider.charAt(0).toUpperCase()}${provider.slice(1)} workspace trust`, facts, tools);
};

/** Says that trust is prepared, with what failed. Where nothing was to be done nothing is said. */
export const tellTrustEnd = ({ results }: PreflightReport, facts: Told, tools: LaunchTools): void => {
  const failed = results.filter(({ code }) => outcomes[code] === "soft_failed");
  if (failed.length === 0 && !results.some(({ status }) => status === "trusted")) return;
  tell(
    "Workspace trust prepared",
    facts,
    tools,
    failed.map(({ message }) => message),
  );
};
