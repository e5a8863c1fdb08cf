import { sql } from "kysely";
import { removeFiles } from "../files/file-store.ts";
import type { SessionDatabase } from "./session-transaction.ts";

/** Rows of one statement: a transaction that takes long keeps others waiting. */
const most = 500;

/** The sessions that have rows, whatever became of them. */
export const sessionsWithRows = async (db: SessionDatabase): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_transport").select("session_id").execute();
  return rows.map(({ session_id: id }) => id);
};

/**
 * Deletes messages of a session that ended before this time (ISO 8601, UTC), at most some hundred at once. Returns how
 * many there were: call it again until there are none. A message that waits, and one whose end the host has not told
 * of, stay.
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
