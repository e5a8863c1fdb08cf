import type { WireState } from "./wire-state.ts";

/** The result of a check, for `gatehouse doctor`, whether a host's agents communicate with it. */
export type AgentsCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** An agent answers a ping every 15 s, its connection is closed after 45 s of silence, and the view is up to 2 s old. ms */
const silentMs = 50_000;

/** An agent with this many unread bytes does not read at all. */
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
