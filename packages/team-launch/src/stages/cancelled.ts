import type { LaunchPorts } from "../lifecycle/launch-ports.ts";
import type { LaunchError } from "../lifecycle/launch-run.ts";

/** The error of a launch that was cancelled by its caller, or stopped by another process, before its first agent. */
export const cancelled = ({ stops }: Pick<LaunchPorts, "stops">): LaunchError => {
  const how = stops.isAsked() ? "stopped" : "cancelled";
  return { code: "cancelled", message: `The launch was ${how} before its first agent was started.` };
};
