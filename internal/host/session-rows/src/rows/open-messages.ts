import { sql, type Kysely } from "kysely";
import { statement } from "@gatehouse/sqlite";
import type { InboundMessage, Json } from "../messages/messages.ts";
import type { Delivery, HostSide, TransportResult, Undelivered } from "../messages/transport.ts";
import type { HostSideOptions, HostTransactions } from "./host-transactions.ts";
import { insertMessagesIn } from "./insert-messages.ts";
import type { MessageOutRow, CentralTables, SessionTransportRow } from "@gatehouse/central-database";
import type { OfMessage, OfSession } from "./session-transaction.ts";
import { fenced, lockAsHost, type SessionDatabase, type SessionTransaction } from "./session-transaction.ts";

/**
 * `acknowledge` inside a transaction of the caller: the effect of a command and its answer are committed
 * together. After the commit, call the returned function. If the result is `fenced`, roll back.
 */
export type AcknowledgeIn = <Tables extends CentralTables>(
  transaction: Kysely<Tables>,
  deliveries: readonly Delivery[],
  answers: readonly InboundMessage[],
) => Promise<TransportResult<() => void>>;

/** The agent's messages that the host has not ended. */
type OpenMessages = Pick<HostSide, "receive" | "acknowledge"> & {
  readonly acknowledgeIn: AcknowledgeIn;
  /**
   * False only if the last `receive` left no open message and the agent's side has signalled nothing since.
   */
  readonly mayHaveNews: () => boolean;
};

const open = sql<boolean>`status in ('pending', 'claimed')`;

export const openMessages = (
  { sessionId, signals, token }: HostSideOptions,
  { read, write }: HostTransactions,
): OpenMessages => {
  /** Messages that this process has claimed. It knows their outcome, so `wasClaimed` is false for them. */
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
      const found = await read((db) => dueRows(db, { sessionId, now, most: limit + except.length }));
      if (!found.ok) return found;
      seen = { count, hasOpen: found.value.hasOpen };
      const unwanted = new Set(except);
      const wanted = found.value.rows.filter(({ id }) => !unwanted.has(id)).slice(0, limit);
      return { ok: true, value: wanted.map((row) => undelivered(row, claimedHere)) };
    },
    acknowledge: async (deliveries, answers = []) => {
      if (deliveries.length + answers.length === 0) return { ok: true, value: [] };
      const written = await write((db, session) => settleAll(db, session, deliveries, answers));
      if (!written.ok) return written;
      settled(deliveries, written.value.written);
      return { ok: true, value: written.value.told };
    },
    acknowledgeIn: async (anyTransaction, deliveries, answers) => {
      // Kysely's type is not covariant in its tables, and the caller's has others too.
      const transaction = anyTransaction as unknown as SessionTransaction;
      const session = await lockAsHost(transaction, sessionId, token);
      if (session === null) return fenced;
      const { written } = await settleAll(transaction, session, deliveries, answers);
      return { ok: true, value: () => settled(deliveries, written) };
    },
    mayHaveNews: () => seen === null || seen.hasOpen || seen.count !== signals.count(sessionId, "host"),
  };
};

const openRows = (db: SessionDatabase, { sessionId }: OfSession) =>
  db.selectFrom("session_messages_out").where("session_id", "=", sessionId).where(open);

const selectDue = statement(
  (
    db: SessionDatabase,
    { sessionId, now, most }: OfSession & { readonly now: string; readonly most: number },
  ) =>
    openRows(db, { sessionId })
      .selectAll()
      .where((is) => is.or([is("deliver_after", "is", null), is("deliver_after", "<=", now)]))
      .orderBy("seq")
      .limit(most),
);
const selectAny = statement((db: SessionDatabase, session: OfSession) =>
  openRows(db, session).select("id").limit(sql.lit(1)),
);

const dueRows = async (
  db: SessionDatabase,
  wanted: OfSession & { readonly now: string; readonly most: number },
): Promise<{ readonly rows: readonly MessageOutRow[]; readonly hasOpen: boolean }> => {
  const { rows } = await selectDue(db, wanted);
  const any = rows[0] ?? (await selectAny(db, wanted)).rows[0];
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

/** Returns how many of the answers are new, and the messages whose end counts as told. */
const settleAll = async (
  db: SessionTransaction,
  session: SessionTransportRow,
  deliveries: readonly Delivery[],
  answers: readonly InboundMessage[],
): Promise<{ readonly written: number; readonly told: readonly string[] }> => {
  const sessionId = session.session_id;
  const told: string[] = [];
  for (const delivery of deliveries) {
    await settle(db, { ...delivery, sessionId });
    const { answers: id } = delivery;
    if (id !== undefined && (await tellEnd(db, { sessionId, id })).affected > 0) told.push(id);
  }
  return { written: await insertMessagesIn(db, session, answers), told };
};

const tellEnd = statement((db: SessionDatabase, { sessionId, id }: OfMessage) =>
  db
    .updateTable("session_messages_in")
    .set({ told: sql.lit(1 as const) })
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .where("told", "=", sql.lit(0 as const))
    .where("status", "=", sql.lit("completed" as const)),
);

/** The status `delivered` or `failed` is final. */
const settle = statement((db: SessionDatabase, values: Delivery & OfSession) =>
  db
    .updateTable("session_messages_out")
    .set({ status: values.status, platform_message_id: values.platformMessageId, settled_at: values.at })
    .where("session_id", "=", values.sessionId)
    .where("id", "=", values.id)
    .where(open),
);
