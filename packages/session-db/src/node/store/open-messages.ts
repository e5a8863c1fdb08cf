import { sql, type Kysely } from "kysely";
import type { InboundMessage, Json } from "../../messages.ts";
import type { Delivery, HostEnd, TransportResult, Undelivered } from "../../transport.ts";
import type { HostSideOptions, HostTransactions } from "./host-transactions.ts";
import { insertMessagesIn } from "./insert-messages.ts";
import type { MessageOutRow, SessionTables, SessionTransportRow } from "./session-tables.ts";
import { fenced, lockAsHost, type SessionDatabase, type SessionTransaction } from "./session-transaction.ts";

/**
 * `acknowledge` as a part of a transaction of the caller: of the command that was asked for, so that its effect and its
 * answer are there together or not. Call what it returns once that is committed. If it is `fenced`, roll back.
 */
export type AcknowledgeIn = <Tables extends SessionTables>(
  transaction: Kysely<Tables>,
  deliveries: readonly Delivery[],
  answers: readonly InboundMessage[],
) => Promise<TransportResult<() => void>>;

/** The agent's messages that the host has not ended with. */
type OpenMessages = Pick<HostEnd, "receive" | "acknowledge"> & {
  readonly acknowledgeIn: AcknowledgeIn;
  /** False only where the last `receive` left nothing open, and the agent's side has told nothing since. */
  readonly mayHaveNews: () => boolean;
};

const open = sql<boolean>`status in ('pending', 'claimed')`;

export const openMessages = (
  { sessionId, signals, token }: HostSideOptions,
  { read, write }: HostTransactions,
): OpenMessages => {
  /** Messages that this very host has begun with: it knows what became of them. */
  const claimedHere = new Set<string>();
  const settled = (deliveries: readonly Delivery[], answers: number): void => {
    for (const { id, status } of deliveries)
      if (status === "claimed") claimedHere.add(id);
      else claimedHere.delete(id);
    if (answers > 0) signals.tell(sessionId, "agent");
  };
  let seen: { readonly count: number; readonly hasOpen: boolean } | null = null;
  return {
    receive: async ({ limit, now, except = [] }) => {
      const count = signals.count(sessionId, "host");
      const found = await read((db) => openRows(db, sessionId, { now, most: limit + except.length }));
      if (!found.ok) return found;
      seen = { count, hasOpen: found.value.hasOpen };
      const unwanted = new Set(except);
      const wanted = found.value.rows.filter(({ id }) => !unwanted.has(id)).slice(0, limit);
      return { ok: true, value: wanted.map((row) => undelivered(row, claimedHere)) };
    },
    acknowledge: async (deliveries, answers = []) => {
      if (deliveries.length + answers.length === 0) return { ok: true, value: null };
      const written = await write((db, session) => settleAll(db, session, deliveries, answers));
      if (!written.ok) return written;
      settled(deliveries, written.value);
      return { ok: true, value: null };
    },
    acknowledgeIn: async (anyTransaction, deliveries, answers) => {
      // Kysely's type is not covariant in its tables, and the caller's has others too.
      const transaction = anyTransaction as unknown as SessionTransaction;
      const session = await lockAsHost(transaction, sessionId, token);
      if (session === null) return fenced;
      const written = await settleAll(transaction, session, deliveries, answers);
      return { ok: true, value: () => settled(deliveries, written) };
    },
    mayHaveNews: () => seen === null || seen.hasOpen || seen.count !== signals.count(sessionId, "host"),
  };
};

const openRows = async (
  db: SessionDatabase,
  sessionId: string,
  { now, most }: { readonly now: string; readonly most: number },
): Promise<{ readonly rows: readonly MessageOutRow[]; readonly hasOpen: boolean }> => {
  const all = db.selectFrom("session_messages_out").where("session_id", "=", sessionId).where(open);
  const rows = await all
    .selectAll()
    .where((is) => is.or([is("deliver_after", "is", null), is("deliver_after", "<=", now)]))
    .orderBy("seq")
    .limit(most)
    .execute();
  const any = rows[0] ?? (await all.select("id").limit(1).executeTakeFirst());
  return { rows, hasOpen: any !== undefined };
};

const undelivered = (row: MessageOutRow, claimedHere: ReadonlySet<string>): Undelivered => ({
  ...{ id: row.id, seq: row.seq, kind: row.kind, timestamp: row.timestamp },
  content: JSON.parse(row.content) as Json,
  inReplyTo: row.in_reply_to,
  deliverAfter: row.deliver_after,
  channelType: row.channel_type,
  platformId: row.platform_id,
  threadId: row.thread_id,
  wasClaimed: row.status === "claimed" && !claimedHere.has(row.id),
});

/** How many of the answers are new. */
const settleAll = async (
  db: SessionTransaction,
  session: SessionTransportRow,
  deliveries: readonly Delivery[],
  answers: readonly InboundMessage[],
): Promise<number> => {
  for (const delivery of deliveries) await settle(db, session.session_id, delivery);
  return insertMessagesIn(db, session, answers);
};

/** A message that was delivered or has failed stays so. */
const settle = async (db: SessionTransaction, sessionId: string, delivery: Delivery): Promise<void> => {
  const { id, status, platformMessageId, at } = delivery;
  await db
    .updateTable("session_messages_out")
    .set({ status, platform_message_id: platformMessageId, settled_at: at })
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .where(open)
    .execute();
};
