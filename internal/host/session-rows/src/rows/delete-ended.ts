import { sql } from "kysely";
import { removeFiles } from "../files/file-store.ts";
import type { SessionDatabase } from "./session-transaction.ts";

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
 * ones that the host has not reported yet. Questions that were answered before this time count as messages.
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
  const asked = await sql`
    delete from session_questions where session_id = ${sessionId} and id in (
      select id from session_questions
      where session_id = ${sessionId} and answered_at < ${before}
      order by id limit ${sql.lit(most)})`.execute(db);
  return received.rows.length + Number(sent.numAffectedRows ?? 0) + Number(asked.numAffectedRows ?? 0);
};
