import { sql } from "kysely";
import { statement } from "@gatehouse/sqlite";
import type { InboundMessage, Json } from "../messages/messages.ts";
import type { HostSide, Origin, Unanswered, Waiting } from "../messages/transport.ts";
import type { OfMessage } from "./session-transaction.ts";
import { pending, system, type SessionDatabase, type SessionTransaction } from "./session-transaction.ts";

const isTrigger = sql.lit(1 as const);
const chat = sql.lit("chat" as const);

/** People's messages that no agent has claimed and that are due, oldest first. */
export const waiting = async (
  db: SessionDatabase,
  sessionId: string,
  { limit, now }: Parameters<HostSide["waiting"]>[0],
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

/** A person's order to withdraw their newest message in this chat and thread that no agent has taken. */
export type WithdrawOrder = Pick<InboundMessage, "channelType" | "platformId" | "threadId"> & {
  /** The id of the order. An order that is repeated withdraws nothing more. */
  readonly id: string;
  /** The `sender` in the content of the person's messages. */
  readonly sender: string;
};

/** What came of the order. `in-work`: an agent has claimed each open message of the person. */
export type Withdrawal =
  { readonly is: "withdrawn"; readonly content: Json } | { readonly is: "in-work" | "nothing" };

/** The beginning of the reason of a withdrawn message. The id of the order follows. */
export const withdrawnReason = "Withdrawn by /withdraw";

/**
 * Ends the message as failed. A message that an agent had in work once may be in its transcript, so it stays, also while
 * no agent has it. The agent may have read the message by now: then its claim is refused.
 */
export const withdraw = async (
  db: SessionTransaction,
  sessionId: string,
  { id: orderId, sender, channelType, platformId, threadId }: WithdrawOrder,
): Promise<Withdrawal> => {
  const reason = `${withdrawnReason} (${orderId}).`;
  const own = db
    .selectFrom("session_messages_in")
    .select(["id", "content", "claimed_at", "batch", "tries"])
    .where("session_id", "=", sessionId)
    .where("kind", "=", chat)
    .where("trigger", "=", isTrigger)
    .where("source_session_id", "is", null)
    .where("channel_type", isOrEquals(channelType), channelType)
    .where("platform_id", isOrEquals(platformId), platformId)
    .where("thread_id", isOrEquals(threadId), threadId)
    .orderBy("seq", "desc");
  const done = await own.where("status", "=", "failed").where("reason", "=", reason).executeTakeFirst();
  if (done !== undefined) return { is: "withdrawn", content: JSON.parse(done.content) as Json };
  const open = (await own.where("status", "=", pending).execute())
    .map((row) => ({ ...row, content: JSON.parse(row.content) as Json }))
    .filter(({ content }) => (content as { readonly sender?: unknown } | null)?.sender === sender);
  const newest = open.find(
    ({ claimed_at, batch, tries }) => claimed_at === null && batch === null && tries === 0,
  );
  if (newest === undefined) return { is: open.length > 0 ? "in-work" : "nothing" };
  await db
    .updateTable("session_messages_in")
    .set({ status: "failed", reason, told: 0 })
    .where("session_id", "=", sessionId)
    .where("id", "=", newest.id)
    .execute();
  return { is: "withdrawn", content: newest.content };
};

const isOrEquals = (value: string | null): "is" | "=" => (value === null ? "is" : "=");

/** Messages of people and agents that have not ended, oldest first, with numbers above `after`. */
export const unanswered = async (
  db: SessionDatabase,
  sessionId: string,
  { limit, after = 0 }: Parameters<HostSide["unanswered"]>[0],
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

const selectOrigin = statement((db: SessionDatabase, { sessionId, id }: OfMessage) =>
  db
    .selectFrom("session_messages_in")
    .select(["channel_type", "platform_id", "thread_id", "source_session_id"])
    .where("session_id", "=", sessionId)
    .where("id", "=", id),
);

/** The sender of a message to the agent; null if the message is unknown. */
export const origin = async (db: SessionDatabase, sessionId: string, id: string): Promise<Origin | null> => {
  const [row] = (await selectOrigin(db, { sessionId, id })).rows;
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

/**
 * The session of that group's agent that wrote last. For a message of an agent, the sender's group is in the
 * chat's column.
 */
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
