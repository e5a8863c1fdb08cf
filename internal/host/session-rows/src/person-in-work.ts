import { fieldsOf, parseJson } from "@gatehouse/std";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A running agent. */
type Workload = { readonly sessionId: string; readonly incarnation: number };

/**
 * The person for whom an agent works: the sender of the first prompt of its batch. After the last answer it is
 * the sender of the newest message that the agent has ended, because a CLI may still ask its model something.
 * Null for a message of another agent or of the host, and before the first message.
 */
export const personInWork = async (db: Kysely<CentralTables>, workload: Workload): Promise<string | null> => {
  const first = (await inWork(db, workload)) ?? (await lastEnded(db, workload));
  if (first === undefined || first.source_session_id !== null) return null;
  const { sender } = fieldsOf(parseJson(first.content));
  return typeof sender === "string" ? sender : null;
};

const prompts = (db: Kysely<CentralTables>, sessionId: string) =>
  db
    .selectFrom("session_messages_in")
    .select(["content", "source_session_id"])
    .where("session_id", "=", sessionId)
    .where("trigger", "=", 1)
    .limit(1);

const inWork = (db: Kysely<CentralTables>, { sessionId, incarnation }: Workload) =>
  prompts(db, sessionId)
    .where("status", "=", "pending")
    // SQLite uses the index of claims only if the query contains its condition.
    .where("claimed_at", "is not", null)
    .where("claimed_by", "=", incarnation)
    .orderBy("batch_place")
    .orderBy("seq")
    .executeTakeFirst();

const lastEnded = (db: Kysely<CentralTables>, { sessionId, incarnation }: Workload) =>
  prompts(db, sessionId).where("ended_by", "=", incarnation).orderBy("seq", "desc").executeTakeFirst();
