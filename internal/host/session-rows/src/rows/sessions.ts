import { sql } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { SessionDatabase } from "./session-transaction.ts";

/** Whether a session has rows. */
export const hasSession = async (db: SessionDatabase, sessionId: string): Promise<boolean> =>
  (await db
    .selectFrom("session_transport")
    .select("session_id")
    .where("session_id", "=", sessionId)
    .executeTakeFirst()) !== undefined;

/** Chunks are deleted together with their files. */
const tables: readonly Exclude<keyof CentralTables, "session_file_chunks">[] = [
  "session_files",
  "session_tokens",
  "session_values",
  "session_questions",
  "session_messages_out",
  "session_messages_in",
  "session_transport",
];

/** Deletes all rows of a session: its texts, its values, its tokens. */
export const forgetSession = (db: SessionDatabase, sessionId: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    for (const table of tables)
      await transaction.deleteFrom(table).where("session_id", "=", sessionId).execute();
  });

/** Bytes that a session's rows take. */
export type StoredBytes = { readonly sessionId: string; readonly messages: number; readonly files: number };

/**
 * Bytes of each session, the largest first. It reads every row, so call it for a person's request, not in the
 * host loop.
 */
export const storedBytes = async (db: SessionDatabase): Promise<readonly StoredBytes[]> => {
  const { rows } = await sql<Record<"session_id" | "messages" | "files", string>>`
    select session_id, sum(messages) as messages, sum(files) as files from (
      select session_id, octet_length(content) as messages, 0 as files from session_messages_in
      union all select session_id, octet_length(content), 0 from session_messages_out
      union all select session_id, octet_length(value), 0 from session_values
      union all select session_id, 0, bytes from session_files
    ) as kept group by session_id order by sum(messages) + sum(files) desc, session_id`.execute(db);
  // PostgreSQL returns a sum as a text.
  return rows.map(({ session_id: sessionId, messages, files }) => ({
    sessionId,
    messages: Number(messages),
    files: Number(files),
  }));
};
