import { ok } from "@gatehouse/std";
import { isGone, type Piece, type PieceRead } from "../inbox/missed.ts";
import type { SlackMessage } from "./read-event.ts";
import type { SlackApi } from "./slack-api.ts";

/** Time before the last answer for which messages are read again, s: what was on its way then. */
const marginSeconds = 120;

/** Age of the oldest thread in which a reply is found, s: Slack lists replies by their threads alone. */
const threadSeconds = 86_400;

/** Rows of one request. */
const pageSize = 200;

type Page = {
  readonly messages?: readonly SlackMessage[];
  readonly channels?: readonly { readonly id: string }[];
  readonly response_metadata?: { readonly next_cursor?: string };
};

/** What is read of a chat: Slack lists its messages from new to old, and the replies of each thread after them. */
type SoFar = {
  readonly said: readonly SlackMessage[];
  /** The threads with replies that are not read yet. */
  readonly threads: readonly string[];
};

/** What is read to find what was said: in all chats of the bot, or in one. */
type Missed<Event> = {
  readonly all: readonly Piece<Event>[];
  readonly in: (channel: string) => Piece<Event>;
};

/**
 * The messages of all chats of the bot since a time (ISO 8601, UTC): Slack repeats an event for five minutes only, and none that it
 * could not hand over (https://docs.slack.dev/apis/events-api#retries). A change of an older message is one of them.
 */
export const missedSince = <Event>(
  { call }: SlackApi,
  heardAt: string,
  found: (message: SlackMessage) => Event | null,
): Missed<Event> => {
  const heard = Date.parse(heardAt) / 1000;
  const span = { since: heard - marginSeconds, heard };
  const from = (seconds: number) => ({ oldest: Math.max(0, seconds).toFixed(6), inclusive: true });
  const page = (method: string, payload: object, cursor: string) =>
    call<Page>(method, { ...payload, limit: pageSize, ...(cursor === "" ? {} : { cursor }) });
  const cursorOf = ({ response_metadata: more }: Page): string => more?.next_cursor ?? "";

  const rest = (channel: string, { said, threads: [ts, ...threads] }: SoFar): PieceRead<Event> =>
    ts === undefined
      ? {
          events: said
            .toSorted((one, other) => Number(one.ts) - Number(other.ts))
            .flatMap((one) => found({ type: "message", ...one, channel }) ?? []),
        }
      : { more: [repliesOf(channel, ts, { said, threads }, "")] };
  const repliesOf = (channel: string, ts: string, soFar: SoFar, cursor: string): Piece<Event> => ({
    what: `the chat ${channel}`,
    channel,
    read: async () => {
      const payload = { channel, ts, ...from(span.since) };
      const replies = await page("conversations.replies", payload, cursor);
      // The thread was deleted meanwhile.
      if (!replies.ok && isGone(replies.error)) return ok(rest(channel, soFar));
      if (!replies.ok) return replies;
      // The first one is the thread's own message.
      const { messages = [] } = replies.value;
      const said = messages.filter((one) => one.ts !== ts).flatMap((one) => newIn(one, span));
      const read = { ...soFar, said: [...soFar.said, ...said] };
      const next = cursorOf(replies.value);
      return ok(next === "" ? rest(channel, read) : { more: [repliesOf(channel, ts, read, next)] });
    },
  });
  const historyOf = (channel: string, soFar: SoFar, cursor: string): Piece<Event> => ({
    what: `the chat ${channel}`,
    channel,
    read: async () => {
      const payload = { channel, ...from(span.since - threadSeconds) };
      const history = await page("conversations.history", payload, cursor);
      // The bot was put out meanwhile, or the cursor is too old.
      if (!history.ok && isGone(history.error)) return ok(rest(channel, soFar));
      if (!history.ok) return history;
      const { messages = [] } = history.value;
      const threads = messages
        .filter(({ latest_reply: latest }) => latest !== undefined && Number(latest) >= span.since)
        .map(({ ts }) => ts);
      const read = {
        said: [...soFar.said, ...messages.flatMap((one) => newIn(one, span))],
        threads: [...soFar.threads, ...threads],
      };
      const next = cursorOf(history.value);
      return ok(next === "" ? rest(channel, read) : { more: [historyOf(channel, read, next)] });
    },
  });
  const chat = (channel: string): Piece<Event> => historyOf(channel, { said: [], threads: [] }, "");
  const chatsFrom = (cursor: string): Piece<Event> => ({
    what: "its chats",
    read: async () => {
      const types = "public_channel,private_channel,mpim,im";
      const chats = await page("users.conversations", { types, exclude_archived: true }, cursor);
      if (!chats.ok) return chats;
      const { channels = [] } = chats.value;
      const next = cursorOf(chats.value);
      return ok({
        more: [...channels.map(({ id }) => chat(id)), ...(next === "" ? [] : [chatsFrom(next)])],
      });
    },
  });
  return { all: [chatsFrom("")], in: chat };
};

/** The times from which messages are read, and until which they may be known, s. */
type Span = { readonly since: number; readonly heard: number };

/** The message, and its change, if they may be new. A message that was changed before it was ever read has its last text alone. */
const newIn = (message: SlackMessage, { since, heard }: Span): readonly SlackMessage[] => {
  const { ts, edited } = message;
  const isChanged = edited !== undefined && Number(edited.ts) >= since && Number(ts) < heard;
  return [
    ...(Number(ts) >= since ? [message] : []),
    ...(isChanged ? [{ type: "message", subtype: "message_changed", ts: edited.ts, message }] : []),
  ];
};
