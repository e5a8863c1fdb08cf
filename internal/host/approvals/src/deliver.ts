import { sql, type Kysely } from "kysely";
import type { ResponseFrame } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";

/** The message to a session about the outcome of a command that it asked for. */
export type ApprovalNote = {
  readonly type: "cli_response";
  readonly approvalId: string;
  readonly status: string;
  /** A sentence for the agent. */
  readonly text: string;
  /** The answer of the command, if it ran. */
  readonly frame?: ResponseFrame;
};

export const toolAnswered = "tool-answered";

/** Tells the host that leases a session that a request for a tool has ended. The agent does not get it. */
export type ToolNote = { readonly type: typeof toolAnswered; readonly approvalId: string };

/** Stores a message until the session fetches it. Does nothing for a deleted session. */
export const deliver = async (
  db: Kysely<CentralTables>,
  { id, now }: ClockAndIds,
  sessionId: string,
  note: ApprovalNote | ToolNote,
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
