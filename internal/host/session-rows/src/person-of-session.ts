import { folderNameOf, type User } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** The person whose account a session's container runs as. */
export type SessionPerson = {
  readonly userId: string;
  readonly account: string;
  /** The name of the person's folders below `users/memory` and `users/history`. */
  readonly folder: string;
};

/**
 * The person whose account (`os_user`) a session's container runs as: the person of the direct chat that the
 * session serves. Null, which means the host's own account, for a person without an account and for a session
 * of several people.
 */
export const personOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<SessionPerson | null> => {
  const person = await filePersonOf(db, sessionId);
  if (person === null) return null;
  const entry = JSON.parse(person.entry) as Partial<User>;
  const { os_user: account = null } = entry;
  return account === null ? null : { userId: person.user_id, account, folder: folderNameOf(entry) };
};

/** A person of users.yaml, and their entry as JSON. */
export type FilePerson = { readonly user_id: string; readonly entry: string };

/**
 * The person of a session's direct chat, if users.yaml has them. Null for a session of a chat of several people or of
 * several chats.
 */
export const filePersonOf = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<FilePerson | null> => {
  const person = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups as chat", "chat.id", "sessions.messaging_group_id")
    .innerJoin("file_users", "file_users.user_id", "chat.user_id")
    .select(["file_users.user_id", "file_users.entry"])
    .where("sessions.id", "=", sessionId)
    .executeTakeFirst();
  return person ?? null;
};
