import { sql } from "kysely";
import { removeFiles } from "../files/file-store.ts";
import type { CentralTables } from "@gatehouse/central-database";
import type { SessionDatabase } from "./transaction.ts";

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
  const { rows } = await sql<Record<keyof StoredBytes, string>>`
    select session_id as "sessionId", sum(messages) as messages, sum(files) as files from (
      select session_id, octet_length(content) as messages, 0 as files from session_messages_in
      union all select session_id, octet_length(content), 0 from session_messages_out
      union all select session_id, octet_length(value), 0 from session_values
      union all select session_id, 0, bytes from session_files
    ) as kept group by session_id order by sum(messages) + sum(files) desc, session_id`.execute(db);
  // PostgreSQL returns a sum as a text.
  return rows.map((row) => ({ ...row, messages: Number(row.messages), files: Number(row.files) }));
};

/** Rows of one statement. A longer transaction would block other writers. */
const most = 500;

/** The sessions that have rows, also those that are closed or deleted. */
export const sessionsWithRows = async (db: SessionDatabase): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_transport").select("session_id").execute();
  return rows.map(({ session_id: id }) => id);
};

/**
 * Deletes messages of a session that ended before this time (ISO 8601, UTC), at most some hundred at once.
 * Returns how many it deleted: repeat the call until it returns 0. Messages that wait stay, and so do ended
 * ones that the host has not reported yet. A question ends with its answer.
 */
export const deleteEnded = async (
  db: SessionDatabase,
  { sessionId, before }: { readonly sessionId: string; readonly before: string },
): Promise<number> => {
  const received = await sql<{ id: string }>`
    delete from session_messages_in where session_id = ${sessionId} and seq in (
      select seq from session_messages_in
      where session_id = ${sessionId} and status <> 'pending' and told = 1 and timestamp < ${before}
      order by seq limit ${sql.lit(most)}) returning id`.execute(db);
  for (const { id: messageId } of received.rows) await removeFiles(db, { sessionId, box: "in", messageId });
  const sent = await sql`
    delete from session_messages_out where session_id = ${sessionId} and seq in (
      select seq from session_messages_out
      where session_id = ${sessionId} and status in ('delivered', 'failed') and settled_at < ${before}
      order by seq limit ${sql.lit(most)})`.execute(db);
  return received.rows.length + Number(sent.numAffectedRows ?? 0);
};
