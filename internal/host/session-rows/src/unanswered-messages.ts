import type { CentralTables } from "@gatehouse/central-database";
import { sql, type Kysely } from "kysely";

/** Messages that wait for agents, in all active sessions. `oldest` is ISO 8601, UTC; null without any. */
export type UnansweredMessages = { readonly count: number; readonly oldest: string | null };

/** Counts the messages that would wake an agent and have not ended. It works without a running host. */
export const unansweredMessages = async (db: Kysely<CentralTables>): Promise<UnansweredMessages> => {
  const row = await db
    .selectFrom("session_messages_in as message")
    .innerJoin("sessions", "sessions.id", "message.session_id")
    .select(({ fn }) => [fn.countAll().as("count"), fn.min("message.timestamp").as("oldest")])
    .where("sessions.status", "=", "active")
    // Literals instead of parameters: SQLite uses a partial index only if the statement itself contains the
    // index's condition.
    .where("message.status", "=", sql.lit("pending" as const))
    .where("message.kind", "<>", sql.lit("system" as const))
    .where("message.trigger", "=", sql.lit(1 as const))
    .executeTakeFirst();
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null };
};
