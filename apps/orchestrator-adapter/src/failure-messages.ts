import { agentClis, installCommand } from "@trust/preflight";
import { explain as explainRead } from "@trust/codex-overrides";
import type { ClaimError } from "@gatehouse/agents/claim";
import type { HoldError } from "@gatehouse/agents/holder";
import type { PtyError } from "@trust/dialog-engine/node";
import type { Failure } from "@gatehouse/cli-kit";
import type { LaunchedAgent } from "./events.ts";
import type { PlanError } from "./plan-launch.ts";

/** Why nothing was started, and the fix. */
export const failureMessage = (
  error: PlanError | PtyError | ClaimError | HoldError,
  { provider }: LaunchedAgent,
): Failure => {
  switch (error.code) {
    case "already-held":
      return {
        code: error.code,
        message: `${error.name} is held already (${error.state}).`,
        fix: `gatehouse stop ${error.name}, or choose another name.`,
      };
    case "data-folder":
    case "socket-unusable":
      return { code: error.code, message: `The agent cannot be held: ${error.message}` };
    case "cli-not-found":
      return {
        code: error.code,
        message: `${provider} was not found: ${error.looked}.`,
        fix: `${installCommand(agentClis[provider])}   (or name it with --cli ${provider}=PATH)`,
      };
    case "pty-unavailable":
    case "spawn-failed":
      return {
        code: "pty-unavailable",
        message: `${provider} could not be started in a PTY: ${error.message}`,
        fix: "workspace-trust doctor says what is missing.",
      };
    default:
      return { code: error.code, message: explainRead(error) };
  }
};
