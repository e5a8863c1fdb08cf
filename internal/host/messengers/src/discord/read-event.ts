import type { Quoted } from "@gatehouse/channels";
import type { SocketEvent } from "../inbox/by-socket.ts";
import type { ReadUpdate, RemoteFile } from "../messenger.ts";
import { firstIdAt, messageId, pressId, timeOf, userOf, type Bot } from "./names.ts";

/** A user (https://docs.discord.com/developers/resources/user). */
type DiscordUser = {
  readonly id: string;
  readonly username?: string;
  readonly global_name?: string | null;
  readonly bot?: boolean;
};

/** A message (https://docs.discord.com/developers/resources/message), as far as it is read. */
export type DiscordMessage = {
  readonly id: string;
  readonly channel_id: string;
  /** Only an event says the server. */
  readonly guild_id?: string;
  readonly type?: number;
  readonly author?: DiscordUser;
  readonly member?: { readonly nick?: string | null };
  readonly webhook_id?: string;
  readonly content?: string;
  readonly timestamp?: string;
  readonly edited_timestamp?: string | null;
  readonly mentions?: readonly DiscordUser[];
  readonly attachments?: readonly DiscordFile[];
  readonly sticker_items?: readonly { readonly name?: string }[];
  readonly poll?: { readonly question?: { readonly text?: string } };
  readonly message_reference?: { readonly type?: number; readonly message_id?: string };
  readonly referenced_message?: DiscordMessage | null;
  readonly message_snapshots?: readonly { readonly message?: Pick<DiscordMessage, "content"> }[];
};

export type DiscordFile = {
  readonly id: string;
  readonly filename?: string;
  readonly size?: number;
  readonly url?: string;
};

/** A channel (https://docs.discord.com/developers/resources/channel), as far as it is read. */
export type DiscordChannel = {
  readonly id: string;
  readonly type?: number;
  readonly guild_id?: string;
  readonly name?: string | null;
  readonly parent_id?: string | null;
  readonly last_message_id?: string | null;
};

/** A press of a button (https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object). */
export type DiscordInteraction = {
  readonly id: string;
  readonly type?: number;
  readonly token?: string;
  readonly guild_id?: string;
  readonly channel_id?: string;
  readonly channel?: DiscordChannel;
  readonly member?: { readonly user?: DiscordUser; readonly nick?: string | null };
  readonly user?: DiscordUser;
  readonly message?: { readonly id?: string };
  readonly data?: { readonly custom_id?: string };
};

/** A channel, and the one in which it is, if it is a thread. */
export type MessagePlace = {
  readonly guild: string | null;
  readonly channel: string;
  readonly thread: string | null;
  /** The name of the channel; null if Discord did not tell it. */
  readonly name: string | null;
};

/** The content of an update in the inbox. */
export type KeptEvent = { readonly place: MessagePlace } & DiscordEvent;

type DiscordEvent =
  | { readonly kind: "message"; readonly message: DiscordMessage; readonly isEdit: boolean }
  | { readonly kind: "press"; readonly press: DiscordInteraction }
  | { readonly kind: "left" };

/** An event whose place is not known yet. */
export type FoundEvent = SocketEvent & {
  readonly guild: string | null;
  /** A channel, or a thread. */
  readonly channel: string;
  readonly event: DiscordEvent;
};

/** DEFAULT and REPLY: all other types are about a chat (…/resources/message#message-object-message-types). */
const spoken: ReadonlySet<number> = new Set([0, 19]);

/** ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD (…/resources/channel#channel-object-channel-types). */
const threads: ReadonlySet<number> = new Set([10, 11, 12]);

export const isThread = ({ type = 0 }: DiscordChannel): boolean => threads.has(type);

/** The message of an event; null for one that is for nobody. `isEdit`: the event is its change. */
export const foundMessage = (message: DiscordMessage, bot: Bot, isEdit: boolean): FoundEvent | null => {
  const { id, channel_id: channel, guild_id: guild = null, type = 0, author, webhook_id: hook } = message;
  if (author === undefined || author.bot === true || hook !== undefined || !spoken.has(type)) return null;
  const changed = message.edited_timestamp ?? null;
  // A preview of a link changes a message, too, and edits nothing.
  if (isEdit && changed === null) return null;
  const own = messageId(bot, channel, id);
  return {
    messageId: isEdit ? `${own}:e:${changed ?? ""}` : own,
    at: isEdit ? firstIdAt(Date.parse(changed ?? "")) : BigInt(id),
    isInHistory: !isEdit,
    guild,
    channel,
    event: { kind: "message", message, isEdit },
  };
};

/** The press of an interaction; null for any other. */
export const foundPress = (interaction: DiscordInteraction, bot: Bot): FoundEvent | null => {
  const { id, type, guild_id: guild = null, channel_id: channel, message, data, user, member } = interaction;
  // MESSAGE_COMPONENT
  if (type !== 3 || channel === undefined || message?.id === undefined || data?.custom_id === undefined)
    return null;
  const by = user ?? member?.user;
  if (by === undefined) return null;
  const press = { id, channel_id: channel, user: by, message: { id: message.id }, data };
  const nick = member?.nick ?? null;
  return {
    messageId: pressId(bot, channel, id),
    at: BigInt(id),
    guild,
    channel,
    event: { kind: "press", press: { ...press, ...(nick === null ? {} : { member: { nick } }) } },
  };
};

/** The bot can no longer be in a chat: its channel or its server is gone, or has put it out. */
export const foundLeft = (guild: string | null, channel: string, { user }: Bot, now: number): FoundEvent => ({
  messageId: `discord:${user}:${channel}:l:${now}`,
  at: firstIdAt(now),
  guild,
  channel,
  event: { kind: "left" },
});

/** The meaning of an update for the host. */
export const readEvent = (content: string, bot: Bot): ReadUpdate => {
  const kept = JSON.parse(content) as KeptEvent;
  if (kept.kind === "left") return { type: "lost", why: "the channel or its server is gone" };
  return kept.kind === "press" ? readPress(kept) : readMessage(kept, bot);
};

const nameOf = (
  user: DiscordUser | undefined,
  member: { readonly nick?: string | null } | undefined,
): string | null => member?.nick || user?.global_name || user?.username || null;

const readMessage = (
  { message: said, isEdit, place }: Extract<KeptEvent, { readonly kind: "message" }>,
  bot: Bot,
): ReadUpdate => {
  const { id, channel_id: channel, author, member, mentions = [], attachments = [] } = said;
  const changed = said.edited_timestamp ?? "";
  const isDirect = place.guild === null;
  const text = textOf(said, bot.user);
  const quoted = quotedIn(said, bot.user);
  const about = isForward(said) ? undefined : said.message_reference?.message_id;
  return {
    type: "message",
    message: {
      ...placeOf(place),
      userId: userOf(author?.id ?? ""),
      userName: nameOf(author, member),
      text,
      ...(quoted.length === 0 ? {} : { quoted }),
      ...(isEdit ? { edits: messageId(bot, channel, id) } : {}),
      isMention:
        isDirect ||
        mentions.some((one) => one.id === bot.user) ||
        said.referenced_message?.author?.id === bot.user,
      at: new Date(isEdit ? Date.parse(changed) : timeOf(id)).toISOString(),
    },
    files: attachments.map((file) => fileOf(channel, id, file)),
    about:
      about !== undefined && !isEdit && text !== ""
        ? { platformMessageId: about, answer: { by: "reply" } }
        : null,
  };
};

const placeOf = ({ guild, thread, name }: MessagePlace) => ({
  threadId: thread,
  isDirect: guild === null,
  ...(name === null ? {} : { chatName: name }),
});

const readPress = ({ press, place }: Extract<KeptEvent, { readonly kind: "press" }>): ReadUpdate => ({
  type: "message",
  message: {
    ...placeOf(place),
    userId: userOf(press.user?.id ?? ""),
    userName: nameOf(press.user, press.member),
    text: "",
    isMention: true,
    at: new Date(timeOf(press.id)).toISOString(),
  },
  files: [],
  about: {
    platformMessageId: press.message?.id ?? "",
    answer: { by: "button", data: press.data?.custom_id ?? "" },
  },
});

/** FORWARD (…/resources/message#message-reference-types). */
const isForward = ({ message_reference: reference }: DiscordMessage): boolean => reference?.type === 1;

/** The bot's own name at the beginning calls it, and is no word for it: `<@7> /cost` is the order `/cost`. */
const textOf = (said: DiscordMessage, bot: string): string => {
  const { content = "", sticker_items: stickers = [], poll } = said;
  const own = plain(content.replace(new RegExp(`^\\s*<@!?${bot}>[\\s:,]*`), ""), said).trim();
  const others = [
    ...stickers.map(({ name = "" }) => `[a sticker: ${name}]`),
    ...(poll?.question?.text === undefined ? [] : [`[a poll: ${poll.question.text}]`]),
  ];
  return [own, ...others].filter((line) => line !== "").join("\n");
};

/** Mentions and emojis as people read them (https://docs.discord.com/developers/reference#message-formatting). */
const plain = (text: string, { mentions = [] }: Pick<DiscordMessage, "mentions">): string =>
  text
    .replaceAll(/<@!?(\d+)>/g, (_, id: string) => {
      const user = mentions.find((one) => one.id === id);
      return `@${nameOf(user, undefined) ?? id}`;
    })
    .replaceAll(/<a?(:\w+:)\d+>/g, "$1");

/** Most characters of another's message that the agent gets. */
const mostQuoted = 4_096;

const quotedIn = (said: DiscordMessage, bot: string): readonly Quoted[] => {
  if (isForward(said))
    return (said.message_snapshots ?? []).map(({ message: { content = "" } = {} }) => ({
      how: "forwarded" as const,
      sender: "an unknown sender",
      userId: null,
      text: content.slice(0, mostQuoted),
    }));
  const other = said.referenced_message;
  if (other == null || other.content === undefined || other.content === "") return [];
  const { author, content } = other;
  return [
    {
      how: "replied-to",
      sender: author?.id === bot ? "the bot" : (nameOf(author, undefined) ?? "an unknown sender"),
      userId: author === undefined || author.bot === true ? null : userOf(author.id),
      text: plain(content, said).slice(0, mostQuoted),
    },
  ];
};

/** Its address is asked for when the file is fetched: it is valid for a day. */
const fileOf = (channel: string, message: string, { id, filename, size }: DiscordFile): RemoteFile => ({
  id: `${channel}/${message}/${id}`,
  name: filename ?? id,
  size: size ?? null,
});
