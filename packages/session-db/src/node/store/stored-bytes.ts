import { sql } from "kysely";
import type { SessionDatabase } from "./session-transaction.ts";

/** What a session's rows take, bytes. */
export type StoredBytes = { readonly sessionId: string; readonly messages: number; readonly files: number };

/** What each session keeps, the largest first. It reads every row: for a person who asks, not for the host's way. */
export const storedBytes = async (db: SessionDatabase): Promise<readonly StoredBytes[]> => {
  const { rows } = await sql<Record<"session_id" | "messages" | "files", string>>`
    select session_id, sum(messages) as messages, sum(files) as files from (
      select session_id, octet_length(content) as messages, 0 as files from session_messages_in
      union all select session_id, octet_length(content), 0 from session_messages_out
      union all select session_id, octet_length(value), 0 from session_values
      union all select session_id, 0, bytes from session_files
    ) as kept group by session_id order by sum(messages) + sum(files) desc, session_id`.execute(db);
  // PostgreSQL gives a sum as a text.
  return rows.map(({ session_id: sessionId, messages, files }) => ({
    sessionId,
    messages: Number(messages),
    files: Number(files),
  }));
};
