import type { Kysely } from "kysely";
import { dispatch, type Actor, type AgentActor, type CommandHost } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import type { Settle } from "./command-host.ts";
import type { HeldLease } from "../sessions/leases.ts";
import type { Answer } from "@gatehouse/socket-server";
import { statement } from "@gatehouse/sqlite";

/** The ways into the host. The transport decides who the caller is; a frame cannot. */
export type Transports = {
  /** Anyone who can open the socket is the operator. */
  readonly socket: Answer;
  /**
   * The agent of a session, for the session's container. The database is asked at every frame which group the
   * session belongs to. With a lease it changes nothing once another host has that.
   */
  readonly agent: (
    sessionId: string,
    under?: { readonly lease: HeldLease; readonly settle: Settle },
  ) => Answer;
  /** A person known to a channel: `telegram:123`. */
  readonly user: (userId: string) => Answer;
};

/** All transports of one host. */
export const transportsOf = <CommandContext>(
  db: Kysely<CentralTables>,
  host: CommandHost<CommandContext> & {
    readonly fenced?: (lease: HeldLease, settle: Settle) => CommandHost<CommandContext>;
  },
): Transports => {
  const as =
    (actor: Actor): Answer =>
    (frame) =>
      dispatch(frame, actor, host);
  return {
    socket: as({ type: "host" }),
    user: (userId) => as({ type: "user", userId }),
    agent: (sessionId, under) => {
      const fenced = under === undefined ? host : (host.fenced?.(under.lease, under.settle) ?? host);
      return (frame) =>
        agentOf(db, sessionId).then(
          (actor) => dispatch(frame, actor, fenced),
          (error: unknown) => dispatch(frame, ofNoGroup(sessionId), failing(host, error)),
        );
    },
  };
};

/** Dispatch asks for the authorization of every agent, and makes an answer of an error there. */
const failing = <CommandContext>(
  host: CommandHost<CommandContext>,
  error: unknown,
): CommandHost<CommandContext> => ({ ...host, authorization: () => Promise.reject(error as Error) });

const ofNoGroup = (sessionId: string): AgentActor => ({
  type: "agent",
  sessionId,
  groupId: "",
  messagingGroupId: null,
});

const selectSession = statement((db: Kysely<CentralTables>, { sessionId }: { readonly sessionId: string }) =>
  db.selectFrom("sessions").select(["agent_group_id", "messaging_group_id"]).where("id", "=", sessionId),
);

/** A deleted session has no group: dispatch finds no authorization for it, and refuses. */
const agentOf = async (db: Kysely<CentralTables>, sessionId: string): Promise<AgentActor> => {
  const [row] = (await selectSession(db, { sessionId })).rows;
  return {
    type: "agent",
    sessionId,
    groupId: row?.agent_group_id ?? "",
    messagingGroupId: row?.messaging_group_id ?? null,
  };
};
