import type { MessageWay } from "@gatehouse/command-context";
import { fieldsOf, parseJson, textOf } from "@gatehouse/std";
import type { SessionDatabase } from "./transaction.ts";

/** Characters of a text that are shown. */
const shownText = 120;

/** The last messages to an agent, newest first, each with the answers that the agent gave to it. */
export const messageWays = async (
  db: SessionDatabase,
  sessionId: string,
  limit: number,
): Promise<readonly MessageWay[]> => {
  const messages = await db
    .selectFrom("session_messages_in")
    .select(["id", "seq", "timestamp", "content", "channel_type", "tries", "status", "reason", "claimed_at"])
    .where("session_id", "=", sessionId)
    .where("kind", "<>", "system")
    .orderBy("seq", "desc")
    .limit(limit)
    .execute();
  const first = messages.at(-1);
  if (first === undefined) return [];
  const answers = await db
    .selectFrom("session_messages_out")
    .select(["in_reply_to", "timestamp", "status", "settled_at"])
    .where("session_id", "=", sessionId)
    .where("seq", ">", first.seq)
    .where("kind", "in", ["chat", "task"])
    .orderBy("seq")
    .execute();
  const kept = await db
    .selectFrom("local_messages")
    .select(["id", "routed_at"])
    .where(
      "id",
      "in",
      messages.map(({ id }) => id),
    )
    .execute();
  const keptAt = new Map(kept.map((row) => [row.id, row.routed_at]));
  return messages.map(
    ({ id, timestamp, content, channel_type: channel, claimed_at: workingSince, ...row }) => ({
      id,
      channel,
      text: textOf(fieldsOf(parseJson(content))["text"]).slice(0, shownText),
      received_at: timestamp,
      kept_at: keptAt.get(id) ?? null,
      in_work_since: workingSince,
      tries: row.tries,
      status: row.status,
      reason: row.reason,
      answers: answers
        .filter(({ in_reply_to: to }) => to === id)
        .map((answer) => ({ at: answer.timestamp, status: answer.status, settled_at: answer.settled_at })),
    }),
  );
};
