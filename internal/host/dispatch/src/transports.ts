import type { Kysely } from "kysely";
import { dispatch, type Actor, type AgentActor, type ResponseFrame } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import { accountOf } from "@gatehouse/data-folder";
import type { CentralCommandHost, Settle } from "./command-host.ts";
import type { HeldLease } from "@gatehouse/session-rows";

/** Answers one frame. */
type Answer = (frame: unknown) => Promise<ResponseFrame>;

/** The ways into the host. The transport decides who the caller is; a frame cannot. */
export type Transports = {
  /** Anyone who can open the socket is the operator. */
  readonly socket: Answer;
  /**
   * The agent of a session, for the session's container. The group of the session is read from the database
   * at every frame. With `under`, a command changes nothing after another host has taken the lease.
   */
  readonly agent: (
    sessionId: string,
    under?: { readonly lease: HeldLease; readonly settle: Settle },
  ) => Answer;
  /** A person known to a channel: `telegram:123`. */
  readonly user: (userId: string) => Answer;
  /**
   * A page for a person, or for the operator (null). A page reads a lot, and again at each change: what it may read is no
   * decision in the log. What it may not, and each change, is.
   */
  readonly page: (userId: string | null) => Answer;
  /** The host itself, for an order of this person in a chat that the host has allowed. */
  readonly order: (userId: string) => Answer;
};

/** All transports of one host. */
export const transportsOf = (db: Kysely<CentralTables>, host: CentralCommandHost): Transports => {
  const as =
    (actor: Actor, by: CentralCommandHost = host): Answer =>
    (frame) =>
      dispatch(frame, actor, by);
  // The log itself is read in the transaction of a change, which has it.
  const reads = new Set([
    "decisions list",
    ...host.commands.filter(({ effect }) => effect === "read").map(({ words }) => words),
  ]);
  const looking: CentralCommandHost = {
    ...host,
    record: async (entry) => {
      if (entry.effect !== "allow" || !reads.has(entry.command)) await host.record(entry);
    },
  };
  // Node tells nothing about the other side of a Unix socket. Only this account and root can open this one.
  const operator: Actor = { type: "host", account: accountOf() };
  return {
    socket: as(operator),
    page: (userId) => as(userId === null ? operator : { type: "user", userId }, looking),
    order: (userId) => as({ type: "host", account: `user:${userId}` }),
    user: (userId) => as({ type: "user", userId }),
    agent: (sessionId, under) => {
      const fenced = under === undefined ? host : host.fenced(under.lease, under.settle);
      return (frame) =>
        agentOf(db, sessionId).then(
          (actor) => dispatch(frame, actor, fenced),
          (error: unknown) => dispatch(frame, agentWithoutGroup(sessionId), failing(host, error)),
        );
    },
  };
};

/** A host whose authorization rejects with this error. Dispatch turns the error into an answer. */
const failing = (host: CentralCommandHost, error: unknown): CentralCommandHost => ({
  ...host,
  authorization: () => Promise.reject(error as Error),
});

const agentWithoutGroup = (sessionId: string): AgentActor => ({
  type: "agent",
  sessionId,
  groupId: "",
  messagingGroupId: null,
});

/**
 * The agent of a session. A deleted session gives an empty group, for which dispatch refuses every command.
 */
const agentOf = async (db: Kysely<CentralTables>, sessionId: string): Promise<AgentActor> => {
  const row = await db
    .selectFrom("sessions")
    .select(["agent_group_id", "messaging_group_id"])
    .where("id", "=", sessionId)
    .executeTakeFirst();
  return {
    type: "agent",
    sessionId,
    groupId: row?.agent_group_id ?? "",
    messagingGroupId: row?.messaging_group_id ?? null,
  };
};
