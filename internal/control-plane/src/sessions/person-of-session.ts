import { fail, ok, type Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";

/** The person whose account a session's container runs as. */
export type SessionPerson = { readonly userId: string; readonly account: string };

/**
 * The person whose account (`os_user`) a session's container runs as: the one whose direct chat it serves. Null, the
 * host's own account, for a person without one, and for a session of several people. An error, a sentence, if the
 * chat is of people with different accounts.
 */
export const personOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<Result<SessionPerson | null, string>> => {
  const chat = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups as chat", "chat.id", "sessions.messaging_group_id")
    .select(["chat.id", "chat.channel_type", "chat.platform_id"])
    .where("sessions.id", "=", sessionId)
    .where("chat.is_group", "=", 0)
    .executeTakeFirst();
  if (chat === undefined) return ok(null);
  const known = await db
    .selectFrom("user_dms")
    .select("user_id")
    .where("messaging_group_id", "=", chat.id)
    .execute();
  const people = [...known.map(({ user_id: id }) => id), ...namedBy(chat.channel_type, chat.platform_id)];
  const rows = await db
    .selectFrom("file_users")
    .select(["user_id", "entry"])
    .where("user_id", "in", people)
    .orderBy("user_id")
    .execute();
  const accounts = new Set(rows.map(({ entry }) => accountIn(entry)));
  const [account = null] = accounts;
  const [first] = rows;
  if (accounts.size < 2)
    return ok(account === null || first === undefined ? null : { userId: first.user_id, account });
  const ids = rows.map(({ user_id: id }) => id).join(" and ");
  return fail(`the chat is of ${ids}, who have different accounts in users.yaml.`);
};

/** Whose direct chat it is by its own id: on `local` that of a person, or of a person and a group. */
const namedBy = (channel: string, platformId: string): readonly string[] => {
  if (channel !== "local") return [platformId, `${channel}:${platformId}`];
  const [person = ""] = platformId.split("/");
  return [person.includes(":") ? person : `local:${person}`];
};

const accountIn = (entry: string): string | null => {
  const { os_user: account = null } = JSON.parse(entry) as { readonly os_user?: string | null };
  return account;
};
