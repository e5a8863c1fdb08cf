import { fail, ok, type Result } from "@gatehouse/std";
import {
  canonicalInput,
  type Projection,
  type ToolDecision,
  type ToolRequest,
} from "@gatehouse/session-rows/messages";
import { askingMessage } from "../cli-tools.ts";
import { hostToolsOf, type HostTools, type SendInput } from "../host-tools/host-tools.ts";
import { toolNames } from "../host-tools/tool-names.ts";
import { attachmentsOf, promptText } from "../prompt/prompt-text.ts";
import type { TurnTools } from "../provider.ts";
import type { ActiveTurn, Agent } from "./agent-state.ts";
import { askTool } from "./ask-tool.ts";
import { sentMessage, type SendPlace } from "./outbound.ts";
import { textShower } from "./text-shower.ts";
import { withFiles, type OutsideFile } from "./with-files.ts";

/** The tools of one turn. */
export const toolsOf = (
  agent: Agent,
  active: ActiveTurn,
  { destinations, toolRules }: Projection,
): TurnTools => ({
  signal: active.abort.signal,
  promptText: (prompt) => promptText(prompt, { ...agent.promptPlace, destinations }),
  destinations,
  toolRules,
  attachmentsOf: (message) => attachmentsOf(message, agent.promptPlace.inbox),
  ncl: agent.relay.run,
  hostTools: active.hostTools,
  askTool: (request) => askWithPaths(agent, active.abort.signal, request),
  setTool: (tool) => void setTool(agent, active, tool),
  showText: textShower(
    { ...agent, isOver: () => agent.turn !== active || active.abort.signal.aborted },
    active.messages,
    destinations,
  ),
});

/**
 * Asks about a tool with the places where its paths lead. They are looked up again once it is allowed: a link may have
 * been changed while a person read the card.
 */
const askWithPaths = async (
  agent: Agent,
  signal: AbortSignal,
  request: ToolRequest,
): Promise<ToolDecision> => {
  const asking = { ...agent, signal, isStopped: () => agent.isStopped };
  if (request.question !== undefined) return askTool(asking, request);
  const { realPaths, isInside } = await agent.pathsIn(request.input);
  const asked = {
    ...request,
    ...(realPaths.length === 0 ? {} : { realPaths }),
    ...(isInside ? { isInside } : {}),
  };
  const decision = await askTool(asking, asked);
  if (decision.behavior !== "allow") return decision;
  const now = await agent.pathsIn(request.input);
  return canonicalInput(now.realPaths) === canonicalInput(realPaths)
    ? decision
    : { behavior: "deny", message: "A path of it leads to another place than it did when it was asked for." };
};

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
  agent: Agent,
  signal: AbortSignal,
  place: Omit<SendPlace, "occurrence">,
): HostTools =>
  hostToolsOf({
    ncl: agent.relay.run,
    groupId: agent.groupId,
    send: (input, occurrence) => sendNow(agent, signal, input, { ...place, occurrence }),
  });

/**
 * Sends a message during a turn. Resolves when the host or the spool has it. The value has a sentence for each file
 * that was left out; the error is a sentence, and nothing was sent.
 */
const sendNow = async (
  agent: Agent,
  signal: AbortSignal,
  input: SendInput,
  place: SendPlace,
): Promise<Result<readonly string[], string>> => {
  const { side, calls, putFiles } = agent;
  const made = sentMessage(input, place, calls.now());
  if (!made.ok) return made;
  const paths = new Map([[made.value.id, input.files ?? []]]);
  if (signal.aborted) return fail(interrupted);
  const { messages, notes } = await withFiles(putFiles, [made.value], paths, (outside) =>
    mayLeave(agent, { signal, input, place }, outside),
  );
  if (signal.aborted) return fail(interrupted);
  await calls.persist(() => side.commit({ acknowledgements: [], messages, now: calls.now() }));
  return ok(notes);
};

/** Asks the host whether a message may have files from elsewhere, as a CLI asks for a tool. */
const mayLeave = async (
  agent: Agent,
  { signal, input, place }: { signal: AbortSignal; input: SendInput; place: SendPlace },
  outside: readonly OutsideFile[],
): Promise<string | null> => {
  const { messages, batch, occurrence } = place;
  const decision = await askTool(
    { ...agent, signal, isStopped: () => agent.isStopped },
    {
      messageId: askingMessage({ messages, batch }),
      tool: toolNames.send,
      input,
      occurrence,
      mayHaveRun: false,
      realPaths: outside.flatMap(({ index, path, realPath }) =>
        path === realPath ? [] : [{ field: `files[${index}]`, realPath }],
      ),
    },
  );
  if (decision.behavior === "allow") return null;
  const why = decision.behavior === "deny" ? `: ${decision.message.replace(/\.$/, "")}` : "";
  return `it is not in your folders, and nobody allowed it${why}`;
};

const interrupted = "The turn was interrupted. Nothing was sent.";
