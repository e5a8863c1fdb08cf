import type { Json } from "../messages/messages.ts";
import type { AgentSide, Question } from "../messages/transport.ts";
import { agentLimits, fullOfQuestions } from "./agent-limits.ts";
import {
  done,
  type AgentTransactions,
  type SessionDatabase,
  type SessionTransaction,
} from "./transaction.ts";

/** Unanswered questions of a session's agent, oldest first. */
export const openQuestions = async (db: SessionDatabase, sessionId: string): Promise<readonly Question[]> => {
  const rows = await db
    .selectFrom("session_questions")
    .select(["id", "content", "asked_at"])
    .where("session_id", "=", sessionId)
    .where("answer", "is", null)
    .orderBy("asked_at")
    .limit(agentLimits.openQuestions)
    .execute();
  return rows.map(({ id, content, asked_at: askedAt }) => ({
    id,
    content: JSON.parse(content) as Json,
    askedAt,
  }));
};

/** False if the question is unknown or already answered: the first answer stays. */
export const answerQuestion = async (
  db: SessionTransaction,
  sessionId: string,
  { id, answer, now }: { readonly id: string; readonly answer: Json; readonly now: string },
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("session_questions")
    .set({ answer: JSON.stringify(answer), answered_at: now })
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .where("answer", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** The agent's side of its questions. */
export const agentQuestions = (
  sessionId: string,
  { read, write }: AgentTransactions,
  tellHost: () => void,
): Pick<AgentSide, "ask" | "answerTo"> => ({
  ask: async ({ id, content, askedAt }) => {
    const asked = await write(async (db) => {
      const open = await openQuestions(db, sessionId);
      const isKnown = open.some((question) => question.id === id);
      if (!isKnown && open.length >= agentLimits.openQuestions) return fullOfQuestions;
      await db
        .insertInto("session_questions")
        .values({ session_id: sessionId, id, content: JSON.stringify(content), asked_at: askedAt })
        .onConflict((conflict) => conflict.columns(["session_id", "id"]).doNothing())
        .execute();
      return done(null);
    });
    if (asked.ok) tellHost();
    return asked;
  },
  answerTo: (id) =>
    read(async (db) => {
      const row = await db
        .selectFrom("session_questions")
        .select("answer")
        .where("session_id", "=", sessionId)
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.answer == null ? undefined : (JSON.parse(row.answer) as Json);
    }),
});
