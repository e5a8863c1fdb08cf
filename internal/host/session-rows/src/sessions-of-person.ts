import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A session, its group, and whether it has a container. */
export type PersonsSession = {
  readonly id: string;
  readonly groupId: string;
  readonly hasContainer: boolean;
};

/** The active sessions in the direct chats of a person. A session that serves several chats belongs to no person. */
export const sessionsOfPerson = async (
  db: Kysely<CentralTables>,
  userId: string,
): Promise<readonly PersonsSession[]> => {
  const rows = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups as chat", "chat.id", "sessions.messaging_group_id")
    .select(["sessions.id", "sessions.agent_group_id", "sessions.container_status"])
    .where("sessions.status", "=", "active")
    .where("chat.user_id", "=", userId)
    .orderBy("sessions.id")
    .execute();
  return rows.map(({ id, agent_group_id: groupId, container_status: status }) => ({
    id,
    groupId,
    hasContainer: status !== "stopped",
  }));
};
