import { nextOdd } from "../../decisions/seq.ts";
import type { AgentEnd } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import { hasTable } from "./read-projection.ts";

type Work = Parameters<AgentEnd["commit"]>[0];

/** Writes acknowledgements and messages. A known message is left as it is, and so is an ended one's end. */
export const writeWork = (db: Connection, work: Work, incarnation: number): void => {
  const host = hostCursors(db);
  writeAcks(db, work, incarnation, host.ack);
  if (work.messages.length === 0) return;
  const inbound = highest(db, "select max(seq) as n from inbound.messages_in", host.outbound);
  let seq = nextOdd(highest(db, "select max(seq) as n from main.messages_out", inbound));
  for (const message of work.messages) {
    const changed = db.run(
      `insert into messages_out (id, seq, in_reply_to, timestamp, deliver_after, kind, platform_id,
        channel_type, thread_id, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
      ...[message.id, seq, message.inReplyTo, message.timestamp, message.deliverAfter, message.kind],
      ...[message.platformId, message.channelType, message.threadId, JSON.stringify(message.content)],
    );
    if (changed > 0) seq = nextOdd(seq);
  }
};

const writeAcks = (
  db: Connection,
  { acknowledgements, now }: Work,
  incarnation: number,
  hostCursor: number,
): void => {
  if (acknowledgements.length === 0) return;
  let change = highest(db, "select max(change) as n from main.processing_ack", hostCursor) + 1;
  for (const { id, status, reason } of acknowledgements) {
    change += db.run(
      `insert into processing_ack (message_id, status, status_changed, incarnation, reason, change)
        values (?, ?, ?, ?, ?, ?) on conflict (message_id) do update set status = excluded.status,
        status_changed = excluded.status_changed, incarnation = excluded.incarnation,
        reason = excluded.reason, change = excluded.change where status = 'processing'`,
      ...[id, status, now, incarnation, reason, change],
    );
  }
};

/**
 * How far the host has read. After outbound.db was lost and made anew, lower numbers would be history to the
 * host.
 */
const hostCursors = (db: Connection): { readonly outbound: number; readonly ack: number } => {
  const [host] = hasTable(db, "host")
    ? db.all<{ outbound: number; ack: number }>(
        "select outbound_cursor as outbound, ack_cursor as ack from inbound.host",
      )
    : [];
  return host ?? { outbound: 0, ack: 0 };
};

const highest = (db: Connection, query: string, atLeast: number): number =>
  Math.max(db.all<{ n: number | null }>(query)[0]?.n ?? 0, atLeast);

/**
 * Messages that have ended, whose end the host has read, and that it gives as pending all the same: its file
 * was lost, and it sent them once more.
 */
export const lostAcks = (db: Connection): readonly string[] =>
  db
    .all<{ id: string }>(
      `select a.message_id as id from inbound.messages_in m cross join main.processing_ack a
        on a.message_id = m.id where m.status = 'pending' and m.kind <> 'system' and m.trigger = 1
        and a.status <> 'processing' and a.change <= ?`,
      hostCursors(db).ack,
    )
    .map(({ id }) => id);

/** Acknowledges these again, as they ended. */
export const repeatAcks = (db: Connection, ids: readonly string[]): void => {
  let change = highest(db, "select max(change) as n from main.processing_ack", hostCursors(db).ack);
  for (const id of ids)
    db.run("update processing_ack set change = ? where message_id = ?", (change += 1), id);
};
