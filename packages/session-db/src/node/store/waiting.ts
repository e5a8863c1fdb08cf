import { sql } from "kysely";
import type { HostEnd, Origin, Unanswered, Waiting } from "../../transport.ts";
import { pending, system, type SessionDatabase } from "./session-transaction.ts";

const isTrigger = sql.lit(1 as const);
const chat = sql.lit("chat" as const);

/** People's messages that no agent has taken and that are due, oldest first. */
export const waiting = async (
  db: SessionDatabase,
  sessionId: string,
  { limit, now }: Parameters<HostEnd["waiting"]>[0],
): Promise<readonly Waiting[]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select(["id", "channel_type", "platform_id", "thread_id"])
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("kind", "<>", system)
    .where("kind", "=", chat)
    .where("trigger", "=", isTrigger)
    .where("source_session_id", "is", null)
    .where("channel_type", "is not", null)
    .where("platform_id", "is not", null)
    .where("claimed_at", "is", null)
    .where((is) => is.or([is("process_after", "is", null), is("process_after", "<=", now)]))
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.flatMap(({ id, channel_type: channelType, platform_id: platformId, thread_id: threadId }) =>
    channelType === null || platformId === null ? [] : [{ id, channelType, platformId, threadId }],
  );
};

/** Messages of people and agents that have not ended, oldest first, from after a number on. */
export const unanswered = async (
  db: SessionDatabase,
  sessionId: string,
  { limit, after = 0 }: Parameters<HostEnd["unanswered"]>[0],
): Promise<readonly Unanswered[]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select(["id", "seq", "channel_type", "platform_id", "thread_id", "source_session_id"])
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("kind", "<>", system)
    .where("trigger", "=", isTrigger)
    .where("seq", ">", after)
    .where((is) => is.or([is("source_session_id", "is not", null), is("platform_id", "is not", null)]))
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map(({ id, seq, ...from }) => ({ id, seq, ...originOf(from) }));
};

/** Who sent a message to the agent; null if it is not known. */
export const origin = async (db: SessionDatabase, sessionId: string, id: string): Promise<Origin | null> => {
  const row = await db
    .selectFrom("session_messages_in")
    .select(["channel_type", "platform_id", "thread_id", "source_session_id"])
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : originOf(row);
};

const originOf = (row: {
  readonly channel_type: string | null;
  readonly platform_id: string | null;
  readonly thread_id: string | null;
  readonly source_session_id: string | null;
}): Origin => ({
  channelType: row.channel_type,
  platformId: row.platform_id,
  threadId: row.thread_id,
  sourceSessionId: row.source_session_id,
});

/** The session of a group's agent that wrote last. A message of an agent has its group in the place of a chat. */
export const lastSource = async (
  db: SessionDatabase,
  sessionId: string,
  groupId: string,
): Promise<string | null> => {
  const row = await db
    .selectFrom("session_messages_in")
    .select("source_session_id")
    .where("session_id", "=", sessionId)
    .where("platform_id", "=", groupId)
    .where("source_session_id", "is not", null)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.source_session_id ?? null;
};
