import type { SessionTables } from "./session-tables.ts";
import type { SessionDatabase } from "./session-transaction.ts";

/** Whether there are rows of a session. */
export const hasSession = async (db: SessionDatabase, sessionId: string): Promise<boolean> =>
  (await db
    .selectFrom("session_transport")
    .select("session_id")
    .where("session_id", "=", sessionId)
    .executeTakeFirst()) !== undefined;

/** The chunks of files go with them. */
const tables: readonly Exclude<keyof SessionTables, "session_file_chunks">[] = [
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
