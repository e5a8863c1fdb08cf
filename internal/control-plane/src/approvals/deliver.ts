import { sql, type Kysely } from "kysely";
import type { ResponseFrame } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";

/** The message to a session about a command that it asked for. */
export type ApprovalNote = {
  readonly type: "cli_response";
  readonly approvalId: string;
  readonly status: string;
  /** A sentence for the agent. */
  readonly text: string;
  /** The answer of the command, if it ran. */
  readonly frame?: ResponseFrame;
};

/** Keeps a message until the session fetches it. A deleted session gets none. */
export const deliver = async (
  db: Kysely<CentralTables>,
  { id, now }: ClockAndIds,
  sessionId: string,
  note: ApprovalNote,
): Promise<void> => {
  await db
    .insertInto("system_messages")
    .columns(["id", "session_id", "content", "created_at"])
    .expression((eb) =>
      eb
        .selectFrom("sessions")
        .select((session) => [
          sql<string>`${id("sm")}`.as("id"),
          session.ref("sessions.id").as("session_id"),
          sql<string>`${JSON.stringify(note)}`.as("content"),
          sql<string>`${now()}`.as("created_at"),
        ])
        .where("sessions.id", "=", sessionId),
    )
    .execute();
};
