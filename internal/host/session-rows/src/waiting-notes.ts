import type { Kysely } from "kysely";
import { type CentralTables, type SystemMessageRow, databaseTime } from "@gatehouse/central-database";

/** A note that its session has not received yet. */
export type WaitingNote = Pick<SystemMessageRow, "id" | "session_id" | "content" | "created_at">;

/** Maximum number of notes that are read at once. */
const limit = 100;

/** The oldest notes for active sessions that no other host leases; with `sessionId`, only of that session. */
export const waitingNotes = async (
  db: Kysely<CentralTables>,
  owner: string,
  sessionId?: string,
): Promise<readonly WaitingNote[]> => {
  const notes = db
    .selectFrom("system_messages")
    .innerJoin("sessions", "sessions.id", "system_messages.session_id")
    .leftJoin("session_leases as lease", "lease.session_id", "sessions.id")
    .select(["system_messages.id", "system_messages.session_id", "content", "system_messages.created_at"])
    .where("delivered_at", "is", null)
    .where("sessions.status", "=", "active")
    .where((eb) =>
      eb.or([
        eb("lease.owner", "is", null),
        eb("lease.owner", "=", owner),
        eb("lease.expires_at", "<=", databaseTime(db)),
      ]),
    )
    .orderBy("system_messages.created_at")
    .orderBy("system_messages.id")
    .limit(limit);
  const asked = sessionId === undefined ? notes : notes.where("system_messages.session_id", "=", sessionId);
  return asked.execute();
};
