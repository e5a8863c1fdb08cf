import { nextEven } from "../../decisions/seq.ts";
import type { InboundMessage } from "../../messages.ts";
import type { Origin } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** Inserts messages in this order. A known id is left as it is. Gives the number of new ones. */
export const insertMessages = (db: Connection, messages: readonly InboundMessage[]): number => {
  if (messages.length === 0) return 0;
  const [row] = db.all<{ highest: number }>("select coalesce(max(seq), 0) as highest from messages_in");
  const [identity] = db.all<{ incarnation: number }>("select incarnation from identity");
  let seq = nextEven(row?.highest ?? 0);
  let written = 0;
  for (const message of messages) {
    const changed = db.run(
      `insert into messages_in (id, seq, kind, timestamp, process_after, trigger, platform_id, channel_type,
        thread_id, content, source_session_id, on_wake, wake_incarnation)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
      message.id,
      seq,
      message.kind,
      message.timestamp,
      message.processAfter,
      message.trigger ? 1 : 0,
      message.platformId,
      message.channelType,
      message.threadId,
      JSON.stringify(message.content),
      message.sourceSessionId,
      message.onWake ? 1 : 0,
      (identity?.incarnation ?? 0) + 1,
    );
    if (changed === 0) continue;
    written += 1;
    seq = nextEven(seq);
  }
  return written;
};

export const origin = (db: Connection, id: string): Origin | null =>
  db.all<Origin>(
    `select channel_type as channelType, platform_id as platformId, thread_id as threadId,
      source_session_id as sourceSessionId from messages_in where id = ?`,
    id,
  )[0] ?? null;

/** A message of an agent has its group in the place of a chat. */
export const lastSource = (db: Connection, groupId: string): string | null =>
  db.all<{ source: string }>(
    `select source_session_id as source from messages_in
      where source_session_id is not null and platform_id = ? order by seq desc limit 1`,
    groupId,
  )[0]?.source ?? null;
