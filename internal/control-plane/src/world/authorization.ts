import type { Kysely } from "kysely";
import type { AgentActor, Scope, Authorization } from "@nc/cli-scope";
import { readScope, scopeReader, type Sqlite } from "@nc/container-config/node";
import type { CentralTables } from "../database/tables.ts";

/** Reads what the store says of agents at this moment. */
export type AuthorizationReader = {
  readonly authorization: (actor: AgentActor) => Promise<Authorization | null>;
  readonly groupAuthorization: (groupId: string) => Promise<Authorization | null>;
};

/** What is committed, by statements that were prepared once: asked at every call, it waits for no transaction. */
export const committedAuthorization = (sqlite: Sqlite<CentralTables>): AuthorizationReader => {
  const session = sqlite.prepare<Session>(sessionQuery(sqlite.db, "").compile().sql);
  const group = sqlite.prepare<{ id: string }>(groupQuery(sqlite.db, "").compile().sql);
  const scopeOf = scopeReader(sqlite);
  return {
    authorization: async (actor) =>
      authorizationOf(actor, session.get(actor.sessionId), () => scopeOf(actor.groupId)),
    groupAuthorization: async (groupId) =>
      group.get(groupId) === undefined ? null : { scope: scopeOf(groupId), wiringId: null },
  };
};

/** As a transaction sees it, with what it has changed itself. */
export const authorizationIn = (db: Kysely<CentralTables>): AuthorizationReader => {
  const scopeOf = (groupId: string): Promise<Scope> => readScope(db, groupId);
  return {
    authorization: async (actor) => {
      const scope = await scopeOf(actor.groupId);
      return authorizationOf(actor, await sessionQuery(db, actor.sessionId).executeTakeFirst(), () => scope);
    },
    groupAuthorization: async (groupId) =>
      (await groupQuery(db, groupId).executeTakeFirst()) === undefined
        ? null
        : { scope: await scopeOf(groupId), wiringId: null },
  };
};

type Session = {
  readonly agent_group_id: string;
  readonly status: string;
  readonly wiring_id: string | null;
};

const sessionQuery = (db: Kysely<CentralTables>, id: string) =>
  db
    .selectFrom("sessions")
    .leftJoin("messaging_group_agents", (join) =>
      join
        .onRef("messaging_group_agents.agent_group_id", "=", "sessions.agent_group_id")
        .onRef("messaging_group_agents.messaging_group_id", "=", "sessions.messaging_group_id"),
    )
    .select(["sessions.agent_group_id", "sessions.status", "messaging_group_agents.id as wiring_id"])
    .where("sessions.id", "=", id);

const groupQuery = (db: Kysely<CentralTables>, id: string) =>
  db.selectFrom("agent_groups").select("id").where("id", "=", id);

/** A session that is closed or gone, or another group's, stands nowhere. */
const authorizationOf = (
  actor: AgentActor,
  session: Session | undefined,
  scope: () => Scope,
): Authorization | null =>
  session?.status === "active" && session.agent_group_id === actor.groupId
    ? { scope: scope(), wiringId: session.wiring_id }
    : null;
