import type { WireState } from "./wire-state.ts";

/** Whether the agents of a host speak with it, for `gatehouse doctor`. */
export type AgentsCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** An agent answers a ping each 20 s, and its connection is ended after 45 s without a word; the view is 2 s old. ms */
const silentMs = 50_000;

/** An agent that has not read so much does not read at all, bytes. */
const mostUnread = 2 ** 20;

/** `now`: ms since 1970. */
export const checkAgents = ({ agents }: WireState, now: number): AgentsCheck => {
  const silent = agents.filter(({ lastHeardAt }) => now - Date.parse(lastHeardAt) > silentMs);
  const unread = agents.filter(({ bytesUnread }) => bytesUnread > mostUnread);
  const troubles = [
    ...silent.map(({ session, lastHeardAt }) => `${session} was last heard of at ${lastHeardAt}`),
    ...unread.map(({ session, bytesUnread }) => `${session} has not read ${bytesUnread} bytes`),
  ];
  if (troubles.length === 0) return { ok: true, message: `${count(agents.length)} connected and answering.` };
  return {
    ok: false,
    message: `${count(agents.length)} connected: ${troubles.join("; ")}.`,
    fix: "Look for agent-disconnected in gatehouse logs, then start the group's agents anew: ncl groups restart GROUP.",
  };
};

const count = (agents: number): string => `${agents} ${agents === 1 ? "agent is" : "agents are"}`;
