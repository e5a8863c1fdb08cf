import type { Kysely } from "kysely";
import type { AgentActor, Authorization } from "@nc/cli-scope";
import { readScope } from "@nc/container-config/node";
import type { CentralTables } from "@gatehouse/central-database";

/** Reads the present rights of agents. */
export type AuthorizationReader = {
  readonly authorization: (actor: AgentActor) => Promise<Authorization | null>;
  readonly groupAuthorization: (groupId: string) => Promise<Authorization | null>;
};

/** Reads rights in this database or transaction. */
export const authorizationIn = (db: Kysely<CentralTables>): AuthorizationReader => ({
  authorization: async ({ groupId, sessionId }) => {
    const session = await selectSession(db, sessionId);
    if (session?.status !== "active" || session.agent_group_id !== groupId) return null;
    return { scope: await readScope(db, groupId), wiringId: session.wiring_id };
  },
  groupAuthorization: async (groupId) => {
    const group = await db
      .selectFrom("agent_groups")
      .select("id")
      .where("id", "=", groupId)
      .executeTakeFirst();
    return group === undefined ? null : { scope: await readScope(db, groupId), wiringId: null };
  },
});

const selectSession = (db: Kysely<CentralTables>, sessionId: string) =>
  db
    .selectFrom("sessions")
    .leftJoin("messaging_group_agents", (join) =>
      join
        .onRef("messaging_group_agents.agent_group_id", "=", "sessions.agent_group_id")
        .onRef("messaging_group_agents.messaging_group_id", "=", "sessions.messaging_group_id"),
    )
    .select(["sessions.agent_group_id", "sessions.status", "messaging_group_agents.id as wiring_id"])
    .where("sessions.id", "=", sessionId)
    .limit(1)
    .executeTakeFirst();
