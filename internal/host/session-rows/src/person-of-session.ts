import { fail, ok, type Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** The person whose account a session's container runs as. */
export type SessionPerson = { readonly userId: string; readonly account: string };

/**
 * The person whose account (`os_user`) a session's container runs as: the person of the direct chat that the
 * session serves. Null, which means the host's own account, for a person without an account and for a session
 * of several people. The error is a sentence: the chat belongs to people with different accounts.
 */
export const personOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<Result<SessionPerson | null, string>> => {
  const rows = await peopleOfSession(db, sessionId);
  const accounts = new Set(rows.map(({ entry }) => accountIn(entry)));
  const [account = null] = accounts;
  const [first] = rows;
  if (accounts.size < 2)
    return ok(account === null || first === undefined ? null : { userId: first.user_id, account });
  const ids = rows.map(({ user_id: id }) => id).join(" and ");
  return fail(`the chat is of ${ids}, who have different accounts in users.yaml.`);
};

const accountIn = (entry: string): string | null => {
  const { os_user: account = null } = JSON.parse(entry) as { readonly os_user?: string | null };
  return account;
};

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
