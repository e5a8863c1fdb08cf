import type { Json } from "../messages/messages.ts";
import type { AgentSide, HostSide, TransportResult } from "../messages/transport.ts";
import { agentLimits, fullOfQuestions } from "./agent-limits.ts";
import type { AgentTransactions } from "./agent-transactions.ts";
import type { HostTransactions } from "./host-transactions.ts";
import type { SessionDatabase } from "./session-transaction.ts";

const openQuestions = (db: SessionDatabase, sessionId: string) =>
  db
    .selectFrom("session_questions")
    .select(["id", "content", "asked_at"])
    .where("session_id", "=", sessionId)
    .where("answer", "is", null)
    .orderBy("asked_at")
    .limit(agentLimits.openQuestions);

/** The agent's side of its questions. */
export const agentQuestions = (
  sessionId: string,
  { read, write }: AgentTransactions,
  tellHost: () => void,
): Pick<AgentSide, "ask" | "answerTo"> => ({
  ask: async ({ id, content, askedAt }) => {
    const asked = await write(async (db) => {
      const open = await openQuestions(db, sessionId).execute();
      const isKnown = open.some((question) => question.id === id);
      if (!isKnown && open.length >= agentLimits.openQuestions) return "full";
      await db
        .insertInto("session_questions")
        .values({ session_id: sessionId, id, content: JSON.stringify(content), asked_at: askedAt })
        .onConflict((conflict) => conflict.columns(["session_id", "id"]).doNothing())
        .execute();
      return null;
    });
    if (!asked.ok) return asked;
    if (asked.value === "full") return fullOfQuestions;
    tellHost();
    return asked as TransportResult<null>;
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

/** The host's side: the first answer to a question stays. */
export const hostQuestions = (
  sessionId: string,
  { read, write }: HostTransactions,
  tellAgent: () => void,
): Pick<HostSide, "questions" | "answer"> => ({
  questions: () =>
    read(async (db) =>
      (await openQuestions(db, sessionId).execute()).map(({ id, content, asked_at: askedAt }) => ({
        ...{ id, content: JSON.parse(content) as Json, askedAt },
      })),
    ),
  answer: async (id, answer, now) => {
    const answered = await write(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable("session_questions")
        .set({ answer: JSON.stringify(answer), answered_at: now })
        .where("session_id", "=", sessionId)
        .where("id", "=", id)
        .where("answer", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    });
    if (answered.ok && answered.value) tellAgent();
    return answered;
  },
});
