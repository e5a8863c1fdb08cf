import { fieldsOf } from "@gatehouse/std";
import { createHash } from "node:crypto";
import {
  failedServersKey,
  type OutboundMessage,
  type RunnerReport,
  type ServerFailure,
} from "@gatehouse/session-rows/messages";
import type { ServerState } from "../provider.ts";
import type { Agent } from "./agent-state.ts";
import { isPrompt } from "./next-work.ts";

/** Sends a report to the host, which tells the chat of the message in work. The same `key` is told once. */
export const sendReport = async (agent: Agent, key: string, report: RunnerReport): Promise<void> => {
  const { side, calls, turn } = agent;
  const hash = createHash("sha256")
    .update(JSON.stringify([report, key]))
    .digest("hex");
  const message: OutboundMessage = {
    id: `report-${hash.slice(0, 32)}`,
    kind: "system",
    timestamp: calls.now(),
    content: report,
    inReplyTo: turn?.messages.findLast(isPrompt)?.id ?? null,
    deliverAfter: null,
    channelType: null,
    platformId: null,
    threadId: null,
  };
  await calls.persist(() => side.commit({ acknowledgements: [], messages: [message], now: calls.now() }));
};

/**
 * Follows the MCP servers of an agent. The failures are kept for the session, so a server that fails again and again is
 * reported once, and anew after it has worked.
 */
export const followServers = (agent: Agent): ((state: ServerState) => void) => {
  const last = new Map<string, ServerFailure | null>();
  let noting: Promise<void> = Promise.resolve();
  const note = async ({ name, failure }: ServerState): Promise<void> => {
    if (agent.isStopped) return;
    const { side, calls, incarnation } = agent;
    const kept = fieldsOf(await calls.persist(() => side.get(failedServersKey)));
    const { [name]: before, ...others } = kept as Record<string, ServerFailure>;
    if ((before ?? null) === failure) return;
    if (failure !== null && before === undefined)
      await sendReport(agent, `${incarnation} ${name}`, {
        report: "mcp-server-failed",
        server: name,
        why: failure,
      });
    const next = failure === null ? others : { ...others, [name]: failure };
    await calls.persist(() => side.set(failedServersKey, next, calls.now()));
  };
  return (state) => {
    // A CLI reports its servers with each turn.
    if (last.get(state.name) === state.failure) return;
    last.set(state.name, state.failure);
    noting = noting.then(() => note(state));
  };
};
