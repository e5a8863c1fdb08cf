import type { OwnTurn } from "../provider.ts";
import type { Agent } from "./agent-state.ts";
import { ownMessages } from "./outbound.ts";
import { notSent } from "./turn-work.ts";

/**
 * Sends what the agent says in a turn that its provider began by itself. No message is acknowledged, because none is
 * in work.
 */
export const sendOwnTurn = async (agent: Agent, turn: OwnTurn): Promise<void> => {
  const { side, calls, lastThreads } = agent;
  if (agent.isStopped) return;
  const { routing, destinations } = await calls.persist(() => side.projection());
  const { messages, unknown } = ownMessages(turn, { routing, destinations, lastThreads }, calls.now());
  agent.notes.push(...unknown.map(notSent));
  if (messages.length > 0)
    await calls.persist(() => side.commit({ acknowledgements: [], messages, now: calls.now() }));
};
