import { sql } from "kysely";
import type { Json } from "../messages/messages.ts";
import type { AgentSide, Question } from "../messages/transport.ts";
import { agentLimits, fullOfQuestions } from "./agent-limits.ts";
import { insertMessagesOut } from "./insert-messages.ts";
import { done, pending, type AgentTransactions, type Reads, type Writes } from "./transaction.ts";

// A question is a message of the agent, which its answer ends.

const isQuestion = sql.lit("question" as const);

/** Unanswered questions of a session's agent, oldest first. */
export const openQuestions: Reads<readonly Question[]> = async ({ db, sessionId }) => {
  const rows = await db
    .selectFrom("session_messages_out")
    .select(["id", "content", "timestamp as askedAt"])
    .where("session_id", "=", sessionId)
    .where("kind", "=", isQuestion)
    .where("status", "=", pending)
    .orderBy("seq")
    .limit(agentLimits.openQuestions)
    .execute();
  return rows.map(({ content, ...row }) => ({ ...row, content: JSON.parse(content) as Json }));
};

/** Answers a question. False if the question is unknown or already answered: the first answer stays. */
export const answerQuestion =
  (id: string, answer: Json, now: string): Writes<boolean> =>
  async ({ db, sessionId, hasNews }) => {
    const { numUpdatedRows } = await db
      .updateTable("session_messages_out")
      .set({ status: "delivered", answer: JSON.stringify(answer), settled_at: now })
      .where("session_id", "=", sessionId)
      .where("id", "=", id)
      .where("kind", "=", isQuestion)
      .where("status", "=", pending)
      .executeTakeFirst();
    const isAnswered = numUpdatedRows > 0n;
    if (isAnswered) hasNews();
    return isAnswered;
  };

/** The agent's side of its questions. */
export const agentQuestions = (
  sessionId: string,
  { read, write }: AgentTransactions,
  signalHost: () => void,
): Pick<AgentSide, "ask" | "answerTo"> => ({
  ask: async ({ id, content, askedAt: timestamp }) => {
    const asked = await write(async (db, session) => {
      const open = await openQuestions({ db, sessionId, session });
      const isKnown = open.some((question) => question.id === id);
      if (!isKnown && open.length >= agentLimits.openQuestions) return fullOfQuestions;
      const nowhere = { channelType: null, platformId: null, threadId: null, inReplyTo: null };
      const question = { id, kind: "question", timestamp, content, deliverAfter: null } as const;
      await insertMessagesOut(db, session, [{ ...question, ...nowhere }]);
      return done(null);
    });
    if (asked.ok) signalHost();
    return asked;
  },
  answerTo: (id) =>
    read(async (db) => {
      const row = await db
        .selectFrom("session_messages_out")
        .select("answer")
        .where("session_id", "=", sessionId)
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.answer == null ? undefined : (JSON.parse(row.answer) as Json);
    }),
});
