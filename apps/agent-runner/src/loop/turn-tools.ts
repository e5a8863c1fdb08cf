import { fail, ok, type Result } from "@gatehouse/std";
import type { Projection } from "@gatehouse/session-rows/messages";
import { hostToolsOf, type HostTools, type SendInput } from "../host-tools/host-tools.ts";
import { attachmentsOf, promptText } from "../prompt/prompt-text.ts";
import type { TurnTools } from "../provider.ts";
import type { ActiveTurn, Agent, AgentDeps } from "./agent-state.ts";
import { askTool } from "./ask-tool.ts";
import { sentMessage, type SendPlace } from "./outbound.ts";
import { textShower } from "./text-shower.ts";
import { withFiles } from "./with-files.ts";

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

/** The host tools of one turn, which end with the signal. `place` is where the turn's messages go. */
export const hostToolsOfTurn = (
  deps: AgentDeps,
  signal: AbortSignal,
  place: Omit<SendPlace, "occurrence">,
): HostTools =>
  hostToolsOf({
    ncl: deps.relay.run,
    groupId: deps.groupId,
    send: (input, occurrence) => sendNow(deps, signal, input, { ...place, occurrence }),
  });

/**
 * Sends a message during a turn. Resolves when the host or the spool has it. The value has a sentence for each file
 * that was left out; the error is a sentence, and nothing was sent.
 */
const sendNow = async (
  { side, calls, putFiles }: AgentDeps,
  signal: AbortSignal,
  input: SendInput,
  place: SendPlace,
): Promise<Result<readonly string[], string>> => {
  const made = sentMessage(input, place, calls.now());
  if (!made.ok) return made;
  const paths = new Map([[made.value.id, input.files ?? []]]);
  if (signal.aborted) return fail(interrupted);
  const { messages, notes } = await withFiles(putFiles, [made.value], paths);
  if (signal.aborted) return fail(interrupted);
  await calls.persist(() => side.commit({ acknowledgements: [], messages, now: calls.now() }));
  return ok(notes);
};

const interrupted = "The turn was interrupted. Nothing was sent.";
