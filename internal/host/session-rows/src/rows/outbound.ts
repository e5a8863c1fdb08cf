import { sql, type RawBuilder, type SelectQueryBuilder } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { InboundMessage, Json, MessageKind } from "../messages/messages.ts";
import type { Delivery, Undelivered } from "../messages/transport.ts";
import { markAnswered } from "./inbound.ts";
import { sendToAgent } from "./insert-messages.ts";
import { address, type Reads, type SessionDatabase, type Writes } from "./transaction.ts";

/** The condition of a partial index: the host has not ended the message. */
const isOpen: RawBuilder<boolean> = sql<boolean>`status in ('pending', 'claimed')`;

/** The messages to deliver; a question of the agent is none. */
export const openRows = (
  db: SessionDatabase,
  sessionId: string,
): SelectQueryBuilder<CentralTables, "session_messages_out", unknown> =>
  db
    .selectFrom("session_messages_out")
    .where("session_id", "=", sessionId)
    .where(isOpen)
    .where("kind", "<>", sql.lit("question" as const));

/** Whether any message of the agent is open, due or not. */
export const hasOpenMessages: Reads<boolean> = async ({ db, sessionId }) =>
  (await openRows(db, sessionId).select("id").limit(1).executeTakeFirst()) !== undefined;

/**
 * The agent's messages that the host has not ended, oldest first. Messages with a `deliverAfter` later than `now` (ISO 8601,
 * UTC) and those of `except` are left out; later ones come in their place.
 */
export const dueMessages =
  ({
    limit,
    now,
    except = [],
  }: {
    readonly limit: number;
    readonly now: string;
    readonly except?: readonly string[];
  }): Reads<readonly Undelivered[]> =>
  async ({ db, sessionId }) => {
    const rows = await openRows(db, sessionId)
      .select(["id", "seq", "kind", "timestamp", "content", "status", ...address])
      .select(["in_reply_to as inReplyTo", "deliver_after as deliverAfter"])
      .where((is) => is.or([is("deliver_after", "is", null), is("deliver_after", "<=", now)]))
      .orderBy("seq")
      .limit(limit + except.length)
      .execute();
    const skipped = new Set(except);
    const wanted = rows.filter(({ id }) => !skipped.has(id)).slice(0, limit);
    return wanted.map(({ kind, content, status, ...row }) => ({
      ...row,
      kind: kind as MessageKind,
      content: JSON.parse(content) as Json,
      wasClaimed: status === "claimed",
    }));
  };

/**
 * Writes the outcomes of the agent's messages, and the messages that answer them. The status `delivered` or `failed` is
 * final. Returns how many ends count as told by this.
 */
export const settle =
  (deliveries: readonly Delivery[], answers: readonly InboundMessage[] = []): Writes<number> =>
  async (rows) => {
    const { db, sessionId } = rows;
    let told = 0;
    for (const { id, status, platformMessageId, at, answers: answered } of deliveries) {
      await db
        .updateTable("session_messages_out")
        .set({ status, platform_message_id: platformMessageId, settled_at: at })
        .where("session_id", "=", sessionId)
        .where("id", "=", id)
        .where(isOpen)
        .execute();
      if (answered !== undefined && (await markAnswered(db, sessionId, answered))) told += 1;
    }
    await sendToAgent(answers)(rows);
    return told;
  };
