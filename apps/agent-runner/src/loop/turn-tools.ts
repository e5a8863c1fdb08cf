import type { Projection } from "@gatehouse/session-rows/messages";
import { attachmentsOf, promptText } from "../prompt/prompt-text.ts";
import type { TurnTools } from "../provider.ts";
import type { ActiveTurn, Agent } from "./agent-state.ts";
import { askTool } from "./ask-tool.ts";
import { textShower } from "./text-shower.ts";

/** The tools of one turn. */
export const toolsOf = (
  agent: Agent,
  active: ActiveTurn,
  { destinations, toolRules }: Projection,
): TurnTools => ({
  signal: active.abort.signal,
  promptText: (prompt) => promptText(prompt, { ...agent.promptPlace, destinations }),
  ...{ destinations, toolRules },
  attachmentsOf: (message) => attachmentsOf(message, agent.promptPlace.inbox),
  onFollowUp: (listener) => (active.joins = listener),
  ncl: agent.relay.run,
  hostTools: active.hostTools,
  askTool: (request) =>
    askTool({ ...agent, signal: active.abort.signal, isStopped: () => agent.isStopped }, request),
  setTool: (tool) => void setTool(agent, active, tool),
  showText: textShower(
    { ...agent, isOver: () => agent.turn !== active || active.abort.signal.aborted },
    active.messages,
    destinations,
  ),
});

/** Declares the tool that the agent is in; null when it has ended. */
export const setTool = async (
  { side, calls }: Agent,
  active: ActiveTurn,
  tool: Parameters<TurnTools["setTool"]>[0],
): Promise<void> => {
  active.isInTool = tool !== null;
  const startedAt = calls.now();
  await calls.persist(() => side.setTool(tool === null ? null : { ...tool, startedAt }, startedAt));
};
