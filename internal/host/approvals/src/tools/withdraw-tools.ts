import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { noLongerAsked } from "./tool-messages.ts";

/** The pending requests for tools that end: those of one question, of these messages, or of the session. */
type Withdrawn = "all" | { readonly questionId: string } | { readonly messageIds: readonly string[] };

/** Ends pending requests of a session for tools, so that no person answers them any more. */
export const withdrawTools = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  which: Withdrawn,
  now: string,
): Promise<void> => {
  await db
    .updateTable("pending_approvals")
    .set({ status: "expired", answered_at: now, result: JSON.stringify({ reason: noLongerAsked }) })
    .where("status", "=", "pending")
    .where("approval_id", "in", (eb) => {
      const own = eb.selectFrom("tool_requests").select("approval_id").where("session_id", "=", sessionId);
      if (which === "all") return own;
      return "questionId" in which
        ? own.where("question_id", "=", which.questionId)
        : own.where("message_id", "in", [...which.messageIds]);
    })
    .execute();
};
