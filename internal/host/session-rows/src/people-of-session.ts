import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A person of users.yaml, and their entry as JSON. */
export type FilePerson = { readonly user_id: string; readonly entry: string };

/**
 * The people of users.yaml to whom the direct chat of a session belongs. None for a session of a group chat or
 * of several chats.
 */
export const peopleOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<readonly FilePerson[]> => {
  const chat = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups as chat", "chat.id", "sessions.messaging_group_id")
    .select(["chat.id", "chat.channel_type", "chat.platform_id"])
    .where("sessions.id", "=", sessionId)
    .where("chat.is_group", "=", 0)
    .executeTakeFirst();
  if (chat === undefined) return [];
  const known = await db
    .selectFrom("user_dms")
    .select("user_id")
    .where("messaging_group_id", "=", chat.id)
    .execute();
  const people = [
    ...known.map(({ user_id: id }) => id),
    ...peopleNamedBy(chat.channel_type, chat.platform_id),
  ];
  return db
    .selectFrom("file_users")
    .select(["user_id", "entry"])
    .where("user_id", "in", people)
    .orderBy("user_id")
    .execute();
};

/** User ids to which a chat's id may belong. On `local` the id has a person, or a person and a group. */
const peopleNamedBy = (channel: string, platformId: string): readonly string[] => {
  if (channel !== "local") return [platformId, `${channel}:${platformId}`];
  const [person = ""] = platformId.split("/");
  return [person.includes(":") ? person : `local:${person}`];
};
