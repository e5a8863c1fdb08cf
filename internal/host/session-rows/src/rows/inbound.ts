import { sql, type Expression, type ExpressionBuilder, type SqlBool } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { fieldsOf, parseJson } from "@gatehouse/std";
import type { InboundMessage, Json } from "../messages/messages.ts";
import type { Ended, Origin, SessionState, Unanswered, Waiting } from "../messages/transport.ts";
import {
  address,
  origin,
  pending,
  type Reads,
  type SessionDatabase,
  type SessionTransaction,
  system,
  type Writes,
} from "./transaction.ts";

// The host's functions on the messages for an agent. Each query finds its rows by a key or a partial index.

const isTrigger = sql.lit(1 as const);
const isUntold = sql.lit(0 as const);
const chat = sql.lit("chat" as const);

/** The session's state at `now` (ISO 8601, UTC). It has the end of each message until `markTold` has it. */
export const sessionState =
  (now: string): Reads<SessionState> =>
  async ({ db, sessionId, session }) => ({
    claims: await claimsOf(db, sessionId),
    due: await dueCount(db, sessionId, now),
    nextDueAt: await nextDueAt(db, sessionId, now),
    ended: await untoldEnds(db, sessionId),
    tool: (session?.tool ?? null) === null ? null : (parseJson(session?.tool ?? "") as SessionState["tool"]),
    incarnation: session?.incarnation ?? 0,
    readTo: session?.seq ?? 0,
  });

const claimsOf = async (db: SessionDatabase, sessionId: string): Promise<SessionState["claims"]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select(["id", "claimed_at", "claimed_by"])
    .where("session_id", "=", sessionId)
    .where("claimed_at", "is not", null)
    .orderBy("claimed_at")
    .orderBy("id")
    .execute();
  return rows.map(({ id, claimed_at, claimed_by }) => ({
    id,
    since: claimed_at ?? "",
    incarnation: claimed_by ?? 0,
  }));
};

/** Longest wait of a message, or of a session, for the next try, ms. */
export const longestWaitMs = 300_000;

/** The latest time for which a message that waits since now can wait. */
const latestDue = (now: string): string => laterBy(now, longestWaitMs);

/** A message that waits for a time after the latest one was written before the clock was set back: it is due. */
export const isDue =
  (now: string) =>
  (is: ExpressionBuilder<CentralTables, "session_messages_in">): Expression<SqlBool> =>
    is.or([
      is("process_after", "is", null),
      is("process_after", "<=", now),
      is("process_after", ">", latestDue(now)),
    ]);

/** Messages that would wake a container and have not ended. SQLite uses the partial index only if a query has its condition. */
const openTriggers = (db: SessionDatabase, sessionId: string) =>
  db
    .selectFrom("session_messages_in")
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("kind", "<>", system)
    .where("trigger", "=", isTrigger);

const dueCount = async (db: SessionDatabase, sessionId: string, now: string): Promise<number> => {
  const row = await openTriggers(db, sessionId)
    .select((count) => count.fn.countAll().as("count"))
    .where("claimed_at", "is", null)
    .where(isDue(now))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
};

/** The earliest time at which a waiting message becomes due. */
export const nextDueAt = async (
  db: SessionDatabase,
  sessionId: string,
  now: string,
): Promise<string | null> => {
  const row = await db
    .selectFrom("session_messages_in")
    .select((least) => least.fn.min("process_after").as("at"))
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("trigger", "=", isTrigger)
    .where("process_after", ">", now)
    .where("process_after", "<=", latestDue(now))
    .executeTakeFirst();
  return row?.at ?? null;
};

/** Ended messages whose end is not told yet. */
const untoldEnds = async (db: SessionDatabase, sessionId: string): Promise<readonly Ended[]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select(["id", "seq", "status", "reason", "tries", ...origin])
    .where("session_id", "=", sessionId)
    .where("told", "=", isUntold)
    .orderBy("seq")
    .execute();
  const [first] = rows;
  if (first === undefined) return [];
  const answers = await db
    .selectFrom("session_messages_out")
    .select(["in_reply_to", "seq", "status"])
    .where("session_id", "=", sessionId)
    .where("seq", ">", first.seq)
    .where("in_reply_to", "is not", null)
    .where("status", "!=", "failed")
    .execute();
  return rows.flatMap(({ seq, status, ...row }) => {
    if (status === "pending") return [];
    // The agent chooses the id: before the message came, it was no answer to it.
    const own = answers.filter((one) => one.in_reply_to === row.id && one.seq > seq);
    const isSent = own.some((one) => one.status === "delivered");
    return [{ ...row, status, answer: own.length === 0 ? null : isSent ? "sent" : "waits" }];
  });
};

/** Notes that the senders of these ended messages were told: `sessionState` returns their ends no more. */
export const markTold =
  (ids: readonly string[]): Writes<void> =>
  async ({ db, sessionId }) => {
    await db
      .updateTable("session_messages_in")
      .set({ told: 1 })
      .where("session_id", "=", sessionId)
      .where("id", "in", ids)
      .execute();
  };

/** Marks the end of a completed message as told. False if it was told before, or has not completed. */
export const markAnswered = async (
  db: SessionTransaction,
  sessionId: string,
  id: string,
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("session_messages_in")
    .set({ told: 1 })
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .where("told", "=", isUntold)
    .where("status", "=", sql.lit("completed" as const))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

export type ReleaseOptions = {
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly maxTries: number;
  /** The wait before the next try, ms. */
  readonly backoffMs: (tries: number) => number;
  /** The messages are due at once, and no try is counted. */
  readonly isInterrupted?: boolean;
};

/**
 * Releases the messages that an exited agent had in work: each is due again after `backoffMs(tries)` with one more try, or
 * has failed after `maxTries`.
 */
export const releaseMessages =
  ({ now, maxTries, backoffMs, isInterrupted = false }: ReleaseOptions): Writes<void> =>
  async ({ db, sessionId }) => {
    const unclaimed = { claimed_at: null, claimed_by: null };
    const claimed = await db
      .selectFrom("session_messages_in")
      .select(["id", "tries"])
      .where("session_id", "=", sessionId)
      .where("status", "=", pending)
      .where("claimed_at", "is not", null)
      .orderBy("seq")
      .execute();
    for (const { id, tries: before } of claimed) {
      const tries = before + 1;
      // An exited agent has used up its first poll. With `on_wake` 0, every poll of the next incarnation returns
      // the note.
      const again = { ...unclaimed, on_wake: 0 } as const;
      await db
        .updateTable("session_messages_in")
        .where("session_id", "=", sessionId)
        .where("id", "=", id)
        .set(
          isInterrupted
            ? again
            : tries < maxTries
              ? { ...again, tries, process_after: laterBy(now, backoffMs(tries)) }
              : { ...unclaimed, status: "failed", tries, reason: endedText(tries), told: 0 },
        )
        .execute();
    }
  };

const laterBy = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

const endedText = (tries: number): string =>
  `The agent's process ended ${tries === 1 ? "once" : `${tries} times`} while it worked on this message.`;

/**
 * People's messages that would wake a container now, oldest first. Read them only while no container runs: the result may
 * include messages that a container has in work.
 */
export const waitingMessages =
  ({ limit, now }: { readonly limit: number; readonly now: string }): Reads<readonly Waiting[]> =>
  async ({ db, sessionId }) => {
    const rows = await openTriggers(db, sessionId)
      .select(["id", ...address])
      .where("kind", "=", chat)
      .where("source_session_id", "is", null)
      .where("channel_type", "is not", null)
      .where("platform_id", "is not", null)
      .where("claimed_at", "is", null)
      .where(isDue(now))
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.flatMap(({ channelType, platformId, ...row }) =>
      channelType === null || platformId === null ? [] : [{ ...row, channelType, platformId }],
    );
  };

/** A person's order to withdraw their newest message in this chat and thread that no agent has taken. */
export type WithdrawOrder = Pick<InboundMessage, "channelType" | "platformId" | "threadId"> & {
  /** The id of the order. An order that is repeated withdraws nothing more. */
  readonly id: string;
  /** The `sender` in the content of the person's messages. */
  readonly sender: string;
};

/** The outcome of the order. `in-work`: an agent has claimed each open message of the person. */
export type Withdrawal =
  | { readonly is: "withdrawn"; readonly content: Json }
  | { readonly is: "in-work" | "nothing" };

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
    .filter(({ content }) => fieldsOf(content)["sender"] === sender);
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

/**
 * Messages of people and agents that would wake a container and have not ended, due or not, in work or not, oldest first.
 * `after` is the number of the last one of the page before.
 */
export const openMessagesAfter =
  ({ limit, after = 0 }: { readonly limit: number; readonly after?: number }): Reads<readonly Unanswered[]> =>
  ({ db, sessionId }) =>
    openTriggers(db, sessionId)
      .select(["id", "seq", ...origin])
      .where("seq", ">", after)
      .where((is) => is.or([is("source_session_id", "is not", null), is("platform_id", "is not", null)]))
      .orderBy("seq")
      .limit(limit)
      .execute();

/** The sender of a message to the agent; null if the message is unknown. */
export const originOf =
  (id: string): Reads<Origin | null> =>
  async ({ db, sessionId }) =>
    (await db
      .selectFrom("session_messages_in")
      .select(origin)
      .where("session_id", "=", sessionId)
      .where("id", "=", id)
      .executeTakeFirst()) ?? null;

/** The number of a message to the agent; null if the session has none with this id. */
export const numberOf = async (
  db: SessionDatabase,
  sessionId: string,
  id: string,
): Promise<number | null> => {
  const row = await db
    .selectFrom("session_messages_in")
    .select("seq")
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.seq ?? null;
};

/**
 * The session of that group's agent that wrote to this one last; null if there is none. For a message of an agent, the
 * sender's group is in the chat's column.
 */
export const lastSource =
  (groupId: string): Reads<string | null> =>
  async ({ db, sessionId }) => {
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
