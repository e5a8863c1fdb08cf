import type { InboundMessage, OutboundMessage } from "../messages/messages.ts";
import type { CentralTables, MessageOutRow, SessionTransportRow } from "@gatehouse/central-database";
import type { Offer } from "./session-signals.ts";
import { keepSeq, type SessionTransaction, type Writes } from "./transaction.ts";

/** The number of the next message for the agent: even, above every number of the session. */
export const nextEven = (highest: number): number => highest + 2 - (Math.max(highest, 0) % 2);

/** The number of the next message of the agent: odd, above every number of the session. */
export const nextOdd = (highest: number): number => highest + 1 + (highest % 2);

/** Rows of one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766, and a row has 23. */
const atOnce = 500;

/**
 * Writes messages for the agent, in this order, with even numbers. Known ids are skipped. Returns how many
 * are new. With an offer they are claimed for its agent.
 */
export const insertMessagesIn = (
  db: SessionTransaction,
  session: SessionTransportRow,
  messages: readonly InboundMessage[],
  offer: Offer | null = null,
): Promise<number> =>
  insertNew(db, { table: "session_messages_in", session, next: nextEven }, messages, (message, seq) => ({
    ...keysOf(session, message, seq),
    source_session_id: message.sourceSessionId,
    trigger: message.trigger ? 1 : 0,
    on_wake: message.onWake ? 1 : 0,
    wake_incarnation: session.incarnation + 1,
    process_after: message.processAfter,
    tries: 0,
    status: "pending",
    reason: null,
    claimed_at: offer === null ? null : new Date().toISOString(),
    claimed_by: offer?.incarnation ?? null,
    ended_by: null,
    batch: offer?.batch ?? null,
    batch_place: offer === null ? null : 0,
    told: 1,
  }));

/** Writes messages for the agent in this order, all or none. Known ids are skipped. Returns how many are new. */
export const sendToAgent =
  (messages: readonly InboundMessage[]): Writes<number> =>
  async ({ db, session, hasNews }) => {
    const written = await insertMessagesIn(db, session, messages);
    if (written > 0) hasNews();
    return written;
  };

/** A message or a question of the agent. */
type StoredOutbound = Omit<OutboundMessage, "kind"> & Pick<MessageOutRow, "kind">;

/**
 * Writes messages of the agent, in this order, with odd numbers. Known ids are skipped. Returns how many are
 * new.
 */
export const insertMessagesOut = (
  db: SessionTransaction,
  session: SessionTransportRow,
  messages: readonly StoredOutbound[],
): Promise<number> =>
  insertNew(db, { table: "session_messages_out", session, next: nextOdd }, messages, (message, seq) => ({
    ...keysOf(session, message, seq),
    in_reply_to: message.inReplyTo,
    deliver_after: message.deliverAfter,
    status: "pending",
    platform_message_id: null,
    settled_at: null,
    answer: null,
  }));

const keysOf = <Message extends InboundMessage | StoredOutbound>(
  { session_id }: SessionTransportRow,
  message: Message,
  seq: number,
) => ({
  session_id,
  id: message.id,
  seq,
  kind: message.kind as Message["kind"],
  timestamp: message.timestamp,
  content: JSON.stringify(message.content),
  channel_type: message.channelType,
  platform_id: message.platformId,
  thread_id: message.threadId,
});

type InsertTarget<Table> = {
  readonly table: Table;
  readonly session: SessionTransportRow;
  /** The number after this one. */
  readonly next: (seq: number) => number;
};

type MessageTable = "session_messages_in" | "session_messages_out";

const insertNew = async <Table extends MessageTable, Message extends { readonly id: string }>(
  db: SessionTransaction,
  { table, session, next }: InsertTarget<Table>,
  messages: readonly Message[],
  rowOf: (message: Message, seq: number) => CentralTables[Table],
): Promise<number> => {
  const known = await knownIds(db, table, session.session_id, messages);
  let { seq } = session;
  const rows: CentralTables[Table][] = [];
  for (const message of messages) {
    if (known.has(message.id)) continue;
    known.add(message.id);
    seq = next(seq);
    rows.push(rowOf(message, seq));
  }
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce) as never;
    await db.insertInto<MessageTable>(table).values(some).execute();
  }
  if (rows.length > 0) await keepSeq(db, session.session_id, seq);
  return rows.length;
};

/** The session's row is locked, so no other writer can insert one of these ids meanwhile. */
const knownIds = async (
  db: SessionTransaction,
  table: MessageTable,
  sessionId: string,
  messages: readonly { readonly id: string }[],
): Promise<Set<string>> => {
  const known = new Set<string>();
  for (let from = 0; from < messages.length; from += atOnce) {
    const ids = messages.slice(from, from + atOnce).map(({ id }) => id);
    const rows = await db
      .selectFrom(table)
      .select("id")
      .where("session_id", "=", sessionId)
      .where("id", "in", ids)
      .execute();
    for (const { id } of rows) known.add(id);
  }
  return known;
};
