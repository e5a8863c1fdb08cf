import type { LaunchPorts } from "../lifecycle/launch-ports.ts";
import type { LaunchError } from "../lifecycle/launch-run.ts";

/** The end of a launch that was left before its first agent: by its caller, or by a stop from elsewhere. */
export const cancelled = ({ stops }: Pick<LaunchPorts, "stops">): LaunchError => {
  const how = stops.isAsked() ? "stopped" : "cancelled";
  return { code: "cancelled", message: `The launch was ${how} before its first agent was started.` };
};
