import type { Kysely } from "kysely";
import type { CentralTables, SystemMessageRow } from "../database/tables.ts";
import { databaseTime } from "../database/database-time.ts";

/** A note that waits for its session. */
export type WaitingNote = Pick<SystemMessageRow, "id" | "session_id" | "content" | "created_at">;

/** Notes read at once. */
const limit = 100;

/** The oldest notes for active sessions that this host holds, or nobody; for one session if it is named. */
export const waitingNotes = (
  db: Kysely<CentralTables>,
  owner: string,
  sessionId?: string,
): Promise<readonly WaitingNote[]> =>
  db
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
    .$if(sessionId !== undefined, (query) => query.where("system_messages.session_id", "=", sessionId ?? ""))
    .orderBy("system_messages.created_at")
    .orderBy("system_messages.id")
    .limit(limit)
    .execute();
