import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** A connected agent, without message texts and without its token. */
export type AgentConnection = {
  readonly session: string;
  readonly incarnation: number;
  /** Version of the wire. */
  readonly version: number | null;
  /** When it last sent a frame or answered a ping, ISO 8601. The view may be 20 s old. */
  readonly lastHeardAt: string;
  readonly callsWaiting: number;
  /** Bytes that the agent has not read yet. */
  readonly bytesUnread: number;
  readonly refusals: number;
};

/** Why a connection ended: a code of `bye`, or `silent`, `unread`, `broken`. */
export type ClosedConnection = { readonly session: string | null; readonly why: string; readonly at: string };

/** The agents of a host, as it last wrote them. */
export type WireState = {
  readonly agents: readonly AgentConnection[];
  /** By reason, how often connections ended. */
  readonly ended: Readonly<Record<string, number>>;
  readonly lastClosed: ClosedConnection | null;
};

const fileIn = (dataDir: string): string => join(dataDir, "agents.json");

/**
 * Writes the state for `gatehouse status`, completely or not at all. If it fails (a full disk), only
 * `gatehouse status` is affected.
 */
export const writeWireState = async (dataDir: string, state: WireState): Promise<void> =>
  void (await replaceFile(fileIn(dataDir), JSON.stringify(state)).catch(systemCode));

/** Removes the file, because the host has stopped. */
export const removeWireState = (dataDir: string): Promise<void> => rm(fileIn(dataDir), { force: true });

/** The state that the host of a data folder wrote last; null if there is no readable one. */
export const readWireState = async (dataDir: string): Promise<WireState | null> => {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), "utf8")) as WireState;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};

/** The result of a check, for `gatehouse doctor`, whether a host's agents communicate with it. */
export type AgentsCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** An agent is heard every 25 s, its connection is closed after 90 s of silence, and the view is up to 20 s old. ms */
const silentMs = 120_000;

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
