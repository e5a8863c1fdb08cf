import type { Channel } from "@gatehouse/channels";
import type { Container } from "@nc/container-runtime";
import type { HeldSession, HeldSessions } from "./held/held-session.ts";
import type { LoopTimes } from "./loop-times.ts";
import type { SessionSignals } from "@nc/session-db/node";
import type { DialPlace, SessionHostOptions } from "./session-host.ts";

/** What the host was given, with everything that has a default. */
export type HostContext = SessionHostOptions & {
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly newId: (prefix: string) => string;
  readonly times: LoopTimes;
  readonly dial: DialPlace;
  readonly signals: SessionSignals;
  /** Containers are started while it is `running`, and only then. */
  readonly phase: { is: "starting" | "running" | "closing" };
};

/** The connection of an agent to this host. */
export type Connection = { readonly incarnation: number; readonly close: () => void };

/** A workload that this host runs for a session that another host leases. */
export type LeftWorkload = { readonly container: Container; readonly incarnation: number };

/** What every part of the loop needs. */
export type LoopContext = HostContext & {
  readonly held: HeldSessions;
  /** By session, workloads that this host runs for sessions that other hosts lease. */
  readonly left: Map<string, LeftWorkload>;
  /** By session, the agents that are connected to this host. */
  readonly connected: Map<string, Connection>;
  /** Sessions that another host asked for: until when this one does not take them back, ms since the epoch. */
  readonly passedOn: Map<string, number>;
  /** By group, the chats without a destination that the log was warned of. */
  readonly warnedOfChats: Map<string, string>;
  /** By approval, the messages of strangers that could not be passed on, and their next try, ms since the epoch. */
  readonly heldBack: Map<string, { readonly failures: number; readonly notBefore: number }>;
  /** Looks for what approvals ended in: delivers the notes about them, and messages that waited for one. */
  readonly lookForNotes: () => Promise<void>;
};

/**
 * What a message to a chat is sent by. A file has one host, which nobody can outrun; of a deleted session nobody
 * has a lease any more.
 */
export const fenceOf = (
  { isAlone }: Pick<LoopContext, "isAlone">,
  { lease, isDeleted }: Pick<HeldSession, "lease" | "isDeleted">,
): { readonly lease?: HeldSession["lease"] } => (isAlone || isDeleted ? {} : { lease });

export const channelOf = ({ channels }: LoopContext, type: string | null): Channel | undefined =>
  channels.find((channel) => channel.type === type);
