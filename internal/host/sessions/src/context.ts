import { withFence, type SessionSignals } from "@gatehouse/session-rows";
import type { Channel } from "@gatehouse/channels";
import type { Container } from "@nc/container-runtime";
import type { LeasedSession, LeasedSessions } from "./leased/leased-session.ts";
import type { Retries } from "./lifecycle/retries.ts";
import type { LoopTimes } from "./loop-times.ts";
import type { SessionHostOptions } from "./session-host.ts";

/** The options of the host, with their defaults filled in. */
export type HostContext = SessionHostOptions & {
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Since when this host has run without a break, ms since the epoch. */
  readonly awakeSince: () => number;
  readonly newId: (prefix: string) => string;
  readonly times: LoopTimes;
  readonly signals: SessionSignals;
  /** Containers are started only while it is `running`. It is `starting` until the runtime has answered. */
  readonly phase: { is: "starting" | "running" | "closing" };
  /** Aborted when the host closes, so that a build of an image does not delay the close. */
  readonly closing: AbortSignal;
};

/** The connection of an agent to this host. */
export type AgentConnection = { readonly incarnation: number; readonly close: () => void };

/** The groups whose agents do not run, because the disk of the data folder is nearly full. */
export type DiskHold = {
  /** By group, why its agents are held: a sentence. */
  readonly groups: Map<string, string>;
  /** Why all agents are held; null if only those of `groups` are. */
  all: string | null;
};

/** State and services shared by all parts of the loop. */
export type LoopContext = HostContext & {
  readonly leased: LeasedSessions;
  /** By session, containers that this host runs for sessions that other hosts lease. */
  readonly left: Map<string, Container>;
  /** The agents that do not run, because the disk is nearly full. */
  readonly disk: DiskHold;
  /** Why the runtime can start no agent, in a line; null if it can. */
  readonly away: { reason: string | null };
  /** By session, the agents that are connected to this host. */
  readonly connected: Map<string, AgentConnection>;
  /**
   * By session, until when this host does not lease it again, because another host asked for it; ms since the
   * epoch.
   */
  readonly passedOn: Map<string, number>;
  /** By group, the chats without a destination of which the log has warned. */
  readonly warnedOfChats: Map<string, string>;
  /** Sessions of other hosts that could not be taken over. */
  readonly takeOverRetries: Retries;
  /** Reconciles a session, if no other host leases it. The caller does not wait for it. */
  readonly lookAt: (sessionId: string) => void;
  /** Looks at sessions that were written to or asked for, and follows up on ended approvals. */
  readonly followApprovals: () => Promise<void>;
};

/**
 * The lease that fences a message to a chat. A database in a file has one host, so no fence is needed; a
 * deleted session has no lease.
 */
export const fenceOf = (
  { isAlone }: Pick<LoopContext, "isAlone">,
  { lease, isDeleted }: Pick<LeasedSession, "lease" | "isDeleted">,
): { readonly lease?: LeasedSession["lease"] } => (isAlone || isDeleted ? {} : { lease });

export const channelOf = (
  { channels }: Pick<HostContext, "channels">,
  type: string | null,
): Channel | undefined => channels.find((channel) => channel.type === type);

/** Whether this host may still write for the session. A database in a file always has one host. */
export const isOurs = async (
  { central: { loop: db }, isAlone }: LoopContext,
  { lease }: LeasedSession,
): Promise<boolean> => isAlone || (await withFence(db, lease.sessionId, lease.token)).ok;

/** Why the agents of a group do not run; null if they may. */
export const heldReason = ({ disk }: Pick<LoopContext, "disk">, groupId: string): string | null =>
  disk.groups.get(groupId) ?? disk.all;
