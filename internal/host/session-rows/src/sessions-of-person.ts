import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A session, its group, and whether it has a container. */
export type PersonsSession = {
  readonly id: string;
  readonly groupId: string;
  readonly hasContainer: boolean;
};

/**
 * The active sessions in the direct chats of a person: chats in `user_dms`, chats whose platform id is the
 * person's id, and chats on the channel `local`. A session that serves several chats belongs to no person.
 */
export const sessionsOfPerson = async (
  db: Kysely<CentralTables>,
  userId: string,
): Promise<readonly PersonsSession[]> => {
  const at = userId.indexOf(":");
  const [channel, handle] = [userId.slice(0, at), userId.slice(at + 1)];
  const local = channel === "local" ? handle : userId;
  const rows = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups as chat", "chat.id", "sessions.messaging_group_id")
    .select(["sessions.id", "sessions.agent_group_id", "sessions.container_status"])
    .where("sessions.status", "=", "active")
    .where("chat.is_group", "=", 0)
    .where((eb) =>
      eb.or([
        eb(
          "chat.id",
          "in",
          eb.selectFrom("user_dms").select("messaging_group_id").where("user_id", "=", userId),
        ),
        eb.and([eb("chat.channel_type", "=", channel), eb("chat.platform_id", "in", [handle, userId])]),
        eb.and([
          eb("chat.channel_type", "=", "local"),
          eb.or([
            eb("chat.platform_id", "=", local),
            eb(sql<string>`substr(chat.platform_id, 1, ${local.length + 1})`, "=", `${local}/`),
          ]),
        ]),
      ]),
    )
    .orderBy("sessions.id")
    .execute();
  return rows.map(({ id, agent_group_id: groupId, container_status: status }) => ({
    ...{ id, groupId },
    hasContainer: status !== "stopped",
  }));
};
