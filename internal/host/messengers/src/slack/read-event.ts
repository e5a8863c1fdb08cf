import type { Quoted } from "@gatehouse/channels";
import type { SocketEvent } from "../inbox/by-socket.ts";
import type { ReadUpdate, RemoteFile } from "../messenger.ts";
import { idOf, messageId, pressId, type Bot } from "./names.ts";

/** A message in an event (https://docs.slack.dev/reference/events/message), as far as it is read. */
export type SlackMessage = {
  readonly type?: string;
  readonly subtype?: string;
  readonly channel?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly text?: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly latest_reply?: string;
  readonly event_ts?: string;
  readonly files?: readonly SlackFile[];
  readonly attachments?: readonly SlackAttachment[];
  readonly edited?: { readonly ts: string };
  /** Of `message_changed`. */
  readonly message?: SlackMessage;
};

type SlackFile = {
  readonly id?: string;
  readonly name?: string | null;
  readonly size?: number;
  readonly url_private_download?: string;
  readonly mode?: string;
};

/** A message that was passed on is an attachment. */
type SlackAttachment = {
  readonly is_share?: boolean;
  readonly is_msg_unfurl?: boolean;
  readonly author_name?: string;
  readonly text?: string;
};

/** A press of a button (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload). */
type Press = {
  readonly type?: string;
  readonly user?: { readonly id?: string };
  readonly channel?: { readonly id?: string };
  readonly message?: { readonly ts?: string; readonly thread_ts?: string };
  readonly actions?: readonly { readonly value?: string; readonly action_ts?: string }[];
};

/** The content of an update in the inbox. */
export type KeptEvent =
  | {
      readonly kind: "message";
      readonly message: SlackMessage;
      readonly edits?: string;
      readonly names: Names;
    }
  | { readonly kind: "press"; readonly press: Press; readonly names: Names }
  | { readonly kind: "left" };

/** The names of the sender and of the chat; null if Slack did not tell them. */
export type Names = { readonly user: string | null; readonly chat: string | null };

/** An event before its names are known: for whom they are asked. */
export type FoundEvent = SocketEvent & {
  readonly event: KeptEvent;
  readonly user: string | null;
  readonly channel: string;
};

/** Age of the oldest thread in which a missed reply is found, s: Slack lists replies by their threads alone. */
export const threadSeconds = 86_400;

/** Kinds of messages that people write; all others are about the chat itself. */
const spoken: ReadonlySet<string | undefined> = new Set([
  undefined,
  "file_share",
  "thread_broadcast",
  "me_message",
]);

const noNames: Names = { user: null, chat: null };

/** The message of an event; null for one that is for nobody: of a bot, and about a chat. */
export const foundMessage = (said: SlackMessage, reader: Bot): FoundEvent | null => {
  const { channel, message: changed } = said;
  const { user: bot } = reader;
  if (channel === undefined) return null;
  if (said.type === "member_left_channel" && said.user === bot)
    return {
      messageId: messageId(reader, channel, `l:${said.event_ts ?? said.ts}`),
      at: placeOf(said.event_ts ?? said.ts),
      event: { kind: "left" },
      user: null,
      channel,
    };
  if (said.type !== "message" && said.type !== "app_mention") return null;
  if (said.subtype === "message_changed" && changed?.edited !== undefined) {
    // A preview of a link changes a message, too, and edits nothing.
    if (!isOfPerson(changed, bot) || !spoken.has(changed.subtype)) return null;
    const edits = messageId(reader, channel, changed.ts);
    return {
      messageId: `${edits}:e:${changed.edited.ts}`,
      at: placeOf(changed.edited.ts),
      event: { kind: "message", message: { ...changed, channel }, edits, names: noNames },
      user: changed.user ?? null,
      channel,
    };
  }
  if (!spoken.has(said.subtype) || !isOfPerson(said, bot)) return null;
  return {
    messageId: messageId(reader, channel, said.ts),
    at: placeOf(said.ts),
    isInHistory: said.thread_ts === undefined || Number(said.ts) - Number(said.thread_ts) < threadSeconds,
    event: { kind: "message", message: said, names: noNames },
    user: said.user ?? null,
    channel,
  };
};

/** The place of `1700000000.000100`. */
const placeOf = (ts: string): bigint => BigInt(Math.round(Number(ts) * 1e6));

const isOfPerson = ({ user, bot_id: by }: SlackMessage, bot: string): boolean =>
  user !== undefined && user !== bot && by === undefined;

/** The press of an interactive envelope; null for any other. */
export const foundPress = (body: unknown, bot: Bot): FoundEvent | null => {
  const press = (body ?? {}) as Press;
  const { type, user, channel, message, actions: [action] = [] } = press;
  if (type !== "block_actions" || user?.id === undefined || channel?.id === undefined) return null;
  if (message?.ts === undefined || action?.value === undefined) return null;
  const at = action.action_ts ?? message.ts;
  const kept = {
    type,
    user,
    channel,
    message: { ts: message.ts, thread_ts: message.thread_ts },
    actions: [action],
  };
  return {
    messageId: pressId(bot, channel.id, user.id, at),
    at: placeOf(at),
    event: { kind: "press", press: JSON.parse(JSON.stringify(kept)) as Press, names: noNames },
    user: user.id,
    channel: channel.id,
  };
};

/** The meaning of an update for the host. */
export const readEvent = (content: string, bot: Bot): ReadUpdate => {
  const kept = JSON.parse(content) as KeptEvent;
  if (kept.kind === "left") return { type: "lost", why: "the bot was removed from the channel" };
  return kept.kind === "press" ? readPress(kept, bot) : readMessage(kept, bot);
};

const readMessage = (
  { message: said, edits, names }: Extract<KeptEvent, { readonly kind: "message" }>,
  { team, user: bot }: Bot,
): ReadUpdate => {
  const { channel = "", user = "", ts, thread_ts: thread, files = [] } = said;
  const isDirect = channel.startsWith("D");
  const text = ownText(said.text ?? "", bot);
  const quoted = quotedIn(said);
  return {
    type: "message",
    message: {
      // In a channel an answer begins a thread, and what is said there belongs together.
      threadId: thread ?? (isDirect ? null : ts),
      userId: idOf(team, user),
      userName: names.user,
      text,
      ...(quoted.length === 0 ? {} : { quoted }),
      ...(edits === undefined ? {} : { edits }),
      isMention: isDirect || (said.text ?? "").includes(`<@${bot}>`) || said.parent_user_id === bot,
      isDirect,
      ...(names.chat === null ? {} : { chatName: names.chat }),
      at: timeOf(said.edited?.ts ?? ts),
    },
    files: files.flatMap(fileOf),
    about:
      thread !== undefined && thread !== ts && edits === undefined && text !== ""
        ? { platformMessageId: thread, answer: { by: "reply" } }
        : null,
  };
};

const readPress = (
  { press, names }: Extract<KeptEvent, { readonly kind: "press" }>,
  { team }: Bot,
): ReadUpdate => {
  const { user, channel, message, actions: [action] = [] } = press;
  return {
    type: "message",
    message: {
      threadId: message?.thread_ts ?? null,
      userId: idOf(team, user?.id ?? ""),
      userName: names.user,
      text: "",
      isMention: true,
      isDirect: channel?.id?.startsWith("D") === true,
      at: timeOf(action?.action_ts ?? message?.ts ?? ""),
    },
    files: [],
    about: {
      platformMessageId: message?.ts ?? "",
      answer: { by: "button", data: action?.value ?? "" },
    },
  };
};

/** `1700000000.000100` as ISO 8601. */
const timeOf = (ts: string): string => new Date(Math.floor(Number(ts) * 1000)).toISOString();

/** The bot's own name at the beginning calls it, and is no word for it: `<@UBOT> /cost` is the order `/cost`. */
const ownText = (text: string, bot: string): string =>
  plain(text.replace(new RegExp(`^\\s*<@${bot}(?:\\|[^>]*)?>[\\s:,]*`), "")).trim();

/** Slack's escapes and links as people read them (https://docs.slack.dev/messaging/formatting-message-text). */
const plain = (text: string): string =>
  text
    .replaceAll(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, (_, sign: string, target: string, label?: string) => {
      if (sign === "@" || sign === "#") return `${sign}${label ?? target}`;
      if (sign === "!") return label ?? `@${target.replace(/\^.*/, "")}`;
      return label === undefined || label === target ? target : `${label} (${target})`;
    })
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

const quotedIn = ({ attachments = [] }: SlackMessage): readonly Quoted[] =>
  attachments
    .filter((one) => one.is_share === true || one.is_msg_unfurl === true)
    .map(({ author_name: sender = "an unknown sender", text = "" }) => ({
      how: "forwarded" as const,
      sender,
      userId: null,
      text: plain(text).slice(0, mostQuoted),
    }));

/** Most characters of another's message that the agent gets. */
const mostQuoted = 4_096;

/** The id of a file is where Slack hands it over to the bot. One that was deleted has none. */
const fileOf = ({ id = "file", name, size, url_private_download: url }: SlackFile): readonly RemoteFile[] =>
  url === undefined ? [] : [{ id: url, name: name ?? id, size: size ?? null }];
