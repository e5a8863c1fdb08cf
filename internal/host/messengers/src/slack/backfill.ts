import { ok } from "@gatehouse/std";
import { isGone, type Piece, type PieceRead } from "../inbox/missed.ts";
import { threadSeconds, type SlackMessage } from "./read-event.ts";
import type { SlackApi } from "./slack-api.ts";

/** Time before the last answer for which messages are read again, s: what was on its way then. */
const marginSeconds = 120;

/** Rows of one request. */
const pageSize = 200;

/** Messages of a stretch of a chat, which are in memory at once. */
const mostSaid = 300;

/** Slack's words about a thread that was deleted. */
const threadIsGone = /thread_not_found|message_not_found/;

type Page = {
  readonly messages?: readonly SlackMessage[];
  readonly channels?: readonly { readonly id: string }[];
  readonly response_metadata?: { readonly next_cursor?: string };
};

type Failure = Extract<Awaited<ReturnType<Piece<never>["read"]>>, { readonly ok: false }>;

/**
 * What a look at a chat has found. Slack lists messages from new to old, and replies by their threads: so the pages are counted
 * first, and then read from old to new, each with the replies of its time.
 */
type Look = {
  /** The times at which all pages but the oldest begin, from old to new. */
  readonly begins: readonly number[];
  /** When the last page begins; null before there is one. */
  readonly last: number | null;
  /** The messages of the newest page. */
  readonly newest: readonly SlackMessage[];
  /** Changes of what was said before. */
  readonly changes: readonly SlackMessage[];
  readonly threads: readonly Thread[];
};

/** A thread, and the times of its first and its last message. */
type Thread = { readonly ts: string; readonly latest: number };

/** A time of a chat, from and until: what was said in it, and the threads whose replies are not read yet. */
type Stretch = {
  readonly look: Look;
  readonly from: number;
  readonly until: number;
  readonly said: readonly SlackMessage[];
  readonly threads: readonly Thread[];
};

/**
 * The messages of a chat, or of all chats of the bot, since a time (ISO 8601, UTC): Slack repeats an event for five minutes only, and none that it
 * could not hand over (https://docs.slack.dev/apis/events-api#retries). A change of an older message is one of them.
 */
export const missedSince = <Event>(
  { call }: SlackApi,
  heardAt: string,
  found: (message: SlackMessage) => Event | null,
  only?: string,
): readonly Piece<Event>[] => {
  const heard = Date.parse(heardAt) / 1000;
  const since = heard - marginSeconds;
  const from = (seconds: number) => ({ oldest: Math.max(0, seconds).toFixed(6), inclusive: true });
  /** Slack refuses a cursor that is too old. */
  const unlessOld = async (
    failed: Failure,
    cursor: string,
    fromStart: () => Piece<Event>,
  ): ReturnType<Piece<Event>["read"]> =>
    failed.error.code === "refused" && cursor !== "" ? fromStart().read() : failed;
  const page = (method: string, payload: object, cursor: string) =>
    call<Page>(method, { ...payload, limit: pageSize, ...(cursor === "" ? {} : { cursor }) });
  const cursorOf = ({ response_metadata: more }: Page): string => more?.next_cursor ?? "";

  const lookAt = (channel: string, look: Look, cursor: string): Piece<Event> => ({
    what: `the chat ${channel}`,
    channel,
    read: async () => {
      const payload = { channel, ...from(since - threadSeconds) };
      const history = await page("conversations.history", payload, cursor);
      // The bot was put out meanwhile.
      if (!history.ok && isGone(history.error)) return ok(stretchFrom(channel, look, since));
      if (!history.ok) return unlessOld(history, cursor, () => chat(channel));
      const { messages = [] } = history.value;
      const { begins, last, newest, changes, threads } = look;
      const isNew = messages.some((one) => timeOf(one) >= since);
      const read: Look = {
        begins: last !== null && isNew ? [last, ...begins] : begins,
        last:
          messages.length === 0 ? last : Math.min(last ?? Infinity, ...messages.map((one) => timeOf(one))),
        newest: last === null ? messages.filter((one) => timeOf(one) >= since) : newest,
        changes: [...changes, ...messages.flatMap(changeOf)],
        threads: [...threads, ...messages.flatMap(threadOf)],
      };
      const next = cursorOf(history.value);
      return ok(next === "" ? stretchFrom(channel, read, since) : { more: [lookAt(channel, read, next)] });
    },
  });
  /** The next stretch: until the next page begins. */
  const stretchFrom = (channel: string, look: Look, begin: number): PieceRead<Event> => {
    const until = look.begins.find((one) => one > begin);
    const stretch = { look, from: begin, until: until ?? Infinity, threads: look.threads };
    if (until !== undefined) return { more: [historyOf(channel, { ...stretch, said: [] }, "")] };
    return rest(channel, { ...stretch, said: look.newest.filter(isIn(stretch)) });
  };
  const historyOf = (channel: string, stretch: Stretch, cursor: string): Piece<Event> => ({
    what: `the chat ${channel}`,
    channel,
    read: async () => {
      const latest = stretch.until.toFixed(6);
      const history = await page("conversations.history", { channel, ...from(stretch.from), latest }, cursor);
      if (!history.ok && isGone(history.error)) return ok(rest(channel, stretch));
      if (!history.ok)
        return unlessOld(history, cursor, () => historyOf(channel, { ...stretch, said: [] }, ""));
      const { messages = [] } = history.value;
      const read = { ...stretch, said: [...stretch.said, ...messages.filter(isIn(stretch))] };
      const next = cursorOf(history.value);
      return ok(next === "" ? rest(channel, read) : { more: [historyOf(channel, read, next)] });
    },
  });
  /** The replies of the stretch; then its events, and the next stretch. */
  const rest = (channel: string, stretch: Stretch): PieceRead<Event> => {
    const [thread, ...threads] = stretch.threads.filter(
      ({ ts, latest }) => Number(ts) < stretch.until && latest >= stretch.from,
    );
    if (thread !== undefined)
      return { more: [repliesOf(channel, thread, { ...stretch, threads }, stretch.said, "")] };
    const { look, said, until } = stretch;
    const next = until === Infinity ? {} : stretchFrom(channel, look, until);
    const events = [...said, ...look.changes]
      .filter(isIn(stretch))
      .toSorted((one, other) => timeOf(one) - timeOf(other))
      .flatMap((one) => found({ type: "message", ...one, channel }) ?? []);
    return { events: [...events, ...(next.events ?? [])], more: next.more ?? [] };
  };
  const repliesOf = (
    channel: string,
    thread: Thread,
    stretch: Stretch,
    before: readonly SlackMessage[],
    cursor: string,
  ): Piece<Event> => ({
    what: `the thread ${thread.ts} of the chat ${channel}`,
    channel,
    without: () => rest(channel, stretch),
    read: async () => {
      const payload = { channel, ts: thread.ts, ...from(stretch.from) };
      const replies = await page("conversations.replies", payload, cursor);
      if (!replies.ok && (isGone(replies.error) || threadIsGone.test(replies.error.message)))
        return ok(rest(channel, stretch));
      if (!replies.ok)
        return unlessOld(replies, cursor, () =>
          repliesOf(channel, thread, { ...stretch, said: before }, before, ""),
        );
      const { messages = [] } = replies.value;
      // The first one is the thread's own message.
      const said = messages.filter((one) => one.ts !== thread.ts);
      const added = said.filter(isIn(stretch));
      const { look } = stretch;
      const changes = [...look.changes, ...added.flatMap(changeOf)];
      const read = shortened({
        ...stretch,
        look: { ...look, changes },
        said: [...stretch.said, ...added],
      });
      const next = cursorOf(replies.value);
      // From old to new: the next page is after the stretch.
      const [first, end] = [said[0], said.at(-1)].map((one) => (one === undefined ? 0 : timeOf(one)));
      const isOver = first !== undefined && end !== undefined && first <= end && end >= read.until;
      return ok(
        next === "" || isOver
          ? rest(channel, read)
          : { more: [repliesOf(channel, thread, read, before, next)] },
      );
    },
  });
  /** A change of a message that may be known. One that was changed before it was ever read has its last text alone. */
  const changeOf = (message: SlackMessage): readonly SlackMessage[] => {
    const { edited } = message;
    return edited !== undefined && Number(edited.ts) >= since && timeOf(message) < heard
      ? [{ type: "message", subtype: "message_changed", ts: edited.ts, message }]
      : [];
  };
  const threadOf = ({ ts, latest_reply: latest }: SlackMessage): readonly Thread[] =>
    latest !== undefined && Number(latest) >= since ? [{ ts, latest: Number(latest) }] : [];
  const chat = (channel: string): Piece<Event> =>
    lookAt(channel, { begins: [], last: null, newest: [], changes: [], threads: [] }, "");
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
  return [only === undefined ? chatsFrom("") : chat(only)];
};

const timeOf = ({ ts }: SlackMessage): number => Number(ts);

const isIn =
  ({ from, until }: Pick<Stretch, "from" | "until">) =>
  (message: SlackMessage): boolean =>
    timeOf(message) >= from && timeOf(message) < until;

/** Ends the stretch earlier if it has too much: the rest is read with the next one. */
const shortened = (stretch: Stretch): Stretch => {
  const said = stretch.said.toSorted((one, other) => timeOf(one) - timeOf(other));
  const first = said[mostSaid];
  return first === undefined ? stretch : { ...stretch, said: said.slice(0, mostSaid), until: timeOf(first) };
};
