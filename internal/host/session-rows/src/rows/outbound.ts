import { sql, type RawBuilder, type SelectQueryBuilder } from "kysely";
import type { CentralTables, MessageOutRow, SessionTransportRow } from "@gatehouse/central-database";
import type { InboundMessage } from "../messages/messages.ts";
import type { Delivery } from "../messages/transport.ts";
import { markAnswered } from "./inbound.ts";
import { insertMessagesIn } from "./insert-messages.ts";
import type { SessionDatabase, SessionTransaction } from "./transaction.ts";

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

/** The agent's messages that are due, oldest first, and whether any message is open, due or not. */
export const dueOutbound = async (
  db: SessionDatabase,
  sessionId: string,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<{ readonly rows: readonly MessageOutRow[]; readonly hasOpen: boolean }> => {
  const rows = await openRows(db, sessionId)
    .selectAll()
    .where((is) => is.or([is("deliver_after", "is", null), is("deliver_after", "<=", now)]))
    .orderBy("seq")
    .limit(limit)
    .execute();
  if (rows.length > 0) return { rows, hasOpen: true };
  const any = await openRows(db, sessionId).select("id").limit(1).executeTakeFirst();
  return { rows, hasOpen: any !== undefined };
};

/** The outcome of the host's writes: how many answers are new, and how many ends count as told. */
export type Settled = { readonly written: number; readonly told: number };

/**
 * Writes the outcomes of messages, and the messages that answer them. The status `delivered` or `failed` is
 * final.
 */
export const settle = async (
  db: SessionTransaction,
  session: SessionTransportRow,
  deliveries: readonly Delivery[],
  answers: readonly InboundMessage[],
): Promise<Settled> => {
  const { session_id: sessionId } = session;
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
  return { written: await insertMessagesIn(db, session, answers), told };
};
