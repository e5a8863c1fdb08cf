import type { Json, MessageKind, ReceivedOutbound } from "../messages.ts";
import type { Acknowledgement } from "../transport.ts";

/** A row of a file that an agent may have written by hand. A value that cannot be used is null. */
export type ForeignColumns = Readonly<Record<string, string | number | bigint | null | undefined>>;

/** An acknowledgement of a container, and when it was written. */
export type Ack = Acknowledgement & {
  readonly since: string | null;
  readonly incarnation: number;
  readonly change: number;
};

const kinds: readonly string[] = ["chat", "task", "webhook", "system"] satisfies readonly MessageKind[];
const statuses: readonly string[] = [
  "processing",
  "completed",
  "failed",
] satisfies readonly Acknowledgement["status"][];

/**
 * The message of a row. If only its number can be used, the result is that number; without a number, null.
 */
export const decodeMessage = (
  row: ForeignColumns,
): { readonly seq: number; readonly id: string | null; readonly message: ReceivedOutbound | null } | null => {
  const seq = wholeNumber(row["seq"]);
  if (seq === null) return null;
  const [id, kind, timestamp] = [text(row["id"]), text(row["kind"]), time(row["timestamp"])];
  const content = parseContent(text(row["content"]));
  if (id === null || kind === null || !isKind(kind) || timestamp === null || content === undefined)
    return { seq, id, message: null };
  return {
    seq,
    id,
    message: {
      ...{ id, seq, kind, timestamp, content },
      inReplyTo: idOf(row["in_reply_to"]),
      deliverAfter: time(row["deliver_after"]),
      channelType: text(row["channel_type"]),
      platformId: text(row["platform_id"]),
      threadId: text(row["thread_id"]),
    },
  };
};

/**
 * The acknowledgement of a row. If only its change number can be used, the result is that number; without
 * one, null.
 */
export const decodeAck = (
  row: ForeignColumns,
): { readonly change: number; readonly ack: Ack | null } | null => {
  const change = wholeNumber(row["change"]);
  if (change === null) return null;
  const [id, status] = [text(row["message_id"]), text(row["status"])];
  if (id === null || status === null || !isStatus(status)) return { change, ack: null };
  const incarnation = wholeNumber(row["incarnation"]) ?? 0;
  const [reason, since] = [text(row["reason"]), time(row["status_changed"])];
  return { change, ack: { id, status, reason, since, incarnation, change } };
};

/** A number as this program writes it: whole, above 0 and exact. */
export const wholeNumber = (value: ForeignColumns[string]): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;

export const text = (value: ForeignColumns[string]): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** Characters. No id that this program makes is longer. */
const longestId = 500;

/** The id of another message. A text that is longer than any id refers to no message. */
const idOf = (value: ForeignColumns[string]): string | null => {
  const id = text(value);
  return id === null || id.length > longestId ? null : id;
};

/** A time in the format that this program writes, so that two times can be compared as texts. */
export const time = (value: ForeignColumns[string]): string | null =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) ? value : null;

const isKind = (kind: string): kind is MessageKind => kinds.includes(kind);
const isStatus = (status: string): status is Acknowledgement["status"] => statuses.includes(status);

/** A JSON serializer that calls itself may overflow the stack on a deeper value. */
export const deepest = 100;

const parseContent = (json: string | null): Json | undefined => {
  if (json === null || depthOf(json) > deepest) return undefined;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
};

/** How deep the arrays and objects of a JSON text are nested. */
export const depthOf = (json: string): number => {
  let [depth, most] = [0, 0];
  for (const [mark] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (mark === "[" || mark === "{") most = Math.max(most, (depth += 1));
    else if (mark === "]" || mark === "}") depth -= 1;
  }
  return most;
};
