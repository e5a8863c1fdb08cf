import { visible } from "@gatehouse/std";
import { agentClis, type PreflightReport } from "@trust/preflight";
import { screenLines } from "@gatehouse/trust-cli";
import type { Paint } from "@gatehouse/cli-kit";
import type { AgentReport } from "@gatehouse/agents/terminal";

/**
 * Renders an agent as one block: its state, code and message, and for an agent that is not ready its screen and the fix.
 */
export const renderAgent = (agent: AgentReport, paint: Paint): string => {
  const { state, code, message, fix } = agent;
  const head = (state === "ready" ? paint.good : paint.bad)(state.padEnd(16));
  const details = [
    ...("screen" in agent ? screenLines(agent.screen, paint) : []),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
  ];
  const named = code === state ? "" : `  ${code}`;
  return [`${head} ${message}${named}`, ...details.map((line) => `    ${line}`)].join("\n") + "\n";
};

/** Renders a line for each folder whose question a person has to answer in the agent's screen below. */
export const renderAskedBelow = ({ results }: PreflightReport, paint: Paint): string =>
  results
    .map(({ status, code, provider, workspace }) => {
      const head = paint.bad(status.padEnd(16));
      return `${head} ${visible(workspace)}  ${code}  ${agentClis[provider].title} asks it below.\n`;
    })
    .join("");
