import { decodeAck, decodeMessage, text, time, wholeNumber } from "../../decisions/decode-outbound.ts";
import type { MessageKind } from "../../messages.ts";
import type { MessageInRow, MessageOutRow, SessionValueRow } from "../store/session-tables.ts";
import type { OldFiles } from "./read-old-session.ts";

/** The rows that are made from a session's files. */
export type OldRows = {
  readonly messagesIn: readonly MessageInRow[];
  readonly messagesOut: readonly MessageOutRow[];
  readonly values: readonly SessionValueRow[];
  readonly seq: number;
  readonly incarnation: number;
};

type Row = OldFiles["messagesIn"][number];

/**
 * Makes a session's rows from its files. Messages that its agent had in work are due again at once, and that
 * does not count as a try. Ended messages stay ended; of these only the sender is kept.
 */
export const oldRows = (sessionId: string, files: OldFiles): OldRows => {
  const acks = new Map(
    files.acks.flatMap((row) => {
      const ack = decodeAck(row)?.ack ?? null;
      return ack === null || ack.status === "processing" ? [] : [[ack.id, ack] as const];
    }),
  );
  const pending = files.messagesIn.flatMap((row) => messageIn(sessionId, row) ?? []);
  const messagesIn = [
    ...files.endedIn.flatMap((row) => messageIn(sessionId, { ...row, content: "null" }) ?? []),
    ...pending.map((row): MessageInRow => {
      const ack = acks.get(row.id);
      if (ack === undefined || ack.status === "processing") return row;
      return { ...row, status: ack.status, reason: ack.reason, ended_by: ack.incarnation, told: 0 };
    }),
  ];
  const messagesOut = openMessages(sessionId, files);
  const seqs = [...messagesIn, ...messagesOut].map(({ seq }) => seq);
  return {
    messagesIn,
    messagesOut,
    values: files.values.flatMap((row) => value(sessionId, row) ?? []),
    seq: Math.max(0, ...seqs, wholeNumber(files.host?.["outbound_cursor"]) ?? 0),
    incarnation: wholeNumber(files.identity?.["incarnation"]) ?? 0,
  };
};

const statuses = { pending: "pending", completed: "completed", failed: "failed" } as const;

/** Null for a row that cannot be used. */
const messageIn = (session_id: string, row: Row): MessageInRow | null => {
  const [id, seq, kind] = [text(row["id"]), wholeNumber(row["seq"]), text(row["kind"])];
  const status = statuses[String(row["status"]) as keyof typeof statuses] as
    MessageInRow["status"] | undefined;
  const [content, timestamp] = [text(row["content"]), text(row["timestamp"])];
  if (id === null || seq === null || kind === null || status === undefined) return null;
  if (content === null || timestamp === null) return null;
  return {
    ...{ session_id, id, seq, kind: kind as MessageKind, timestamp, content, status },
    channel_type: text(row["channel_type"]),
    platform_id: text(row["platform_id"]),
    thread_id: text(row["thread_id"]),
    source_session_id: text(row["source_session_id"]),
    trigger: row["trigger"] === 1 ? 1 : 0,
    on_wake: row["on_wake"] === 1 ? 1 : 0,
    wake_incarnation: wholeNumber(row["wake_incarnation"]) ?? 1,
    process_after: time(row["process_after"]),
    tries: wholeNumber(row["tries"]) ?? 0,
    reason: text(row["reason"]),
    ...{ claimed_at: null, claimed_by: null, ended_by: null, batch: null, batch_place: null },
    told: row["told"] === 0 ? 0 : 1,
  };
};

/** The agent's messages that the host has not ended. */
const openMessages = (session_id: string, files: OldFiles): readonly MessageOutRow[] => {
  const cursor = wholeNumber(files.host?.["outbound_cursor"]) ?? 0;
  const open = new Set(files.open.map((row) => row["message_out_id"]));
  const ended = new Map(files.delivered.map((row) => [row["message_out_id"], row]));
  return files.messagesOut.flatMap((row): MessageOutRow[] => {
    const message = decodeMessage(row)?.message ?? null;
    if (message === null || (message.seq <= cursor && !open.has(message.id))) return [];
    const status = ended.get(message.id)?.["status"];
    if (status === "delivered" || status === "failed") return [];
    const { id, seq, kind, timestamp, content } = message;
    return [
      {
        ...{ session_id, id, seq, kind, timestamp, content: JSON.stringify(content) },
        in_reply_to: message.inReplyTo,
        channel_type: message.channelType,
        platform_id: message.platformId,
        thread_id: message.threadId,
        deliver_after: message.deliverAfter,
        status: status === "claimed" ? "claimed" : "pending",
        ...{ platform_message_id: null, settled_at: time(ended.get(message.id)?.["delivered_at"]) },
      },
    ];
  });
};

const value = (session_id: string, row: Row): SessionValueRow | null => {
  const [key, json, updated_at] = [text(row["key"]), text(row["value"]), text(row["updated_at"])];
  if (key === null || json === null || updated_at === null) return null;
  try {
    JSON.parse(json);
    return { session_id, key, value: json, updated_at };
  } catch {
    return null;
  }
};
