import type { CallbackQuery, Chat, Message, MessageEntity, Update, User } from "@grammyjs/types";
import type { Quoted } from "@gatehouse/channels";
import type { KeptUpdate, ReadUpdate, RemoteFile } from "../messenger.ts";
import { updateFields } from "./message-fields.ts";
import { fullName, idOf, senderOf, senderOfOrigin, signed, titleOf, type Sender } from "./names.ts";
import { isOfChat, shownText, textOf } from "./said-text.ts";

type UpdateField = keyof typeof updateFields;

/** The kinds of updates that the bot asks for. */
export const wantedUpdates: readonly UpdateField[] = (Object.keys(updateFields) as UpdateField[]).filter(
  (name) => updateFields[name] === "read",
);

/** The own id of a bot, which is the first part of its token and no secret. */
export const botIdOf = (token: string): string => token.split(":")[0] ?? "";

/** The id under which the host gets a message of a chat. */
export const messageIdOf = (botId: string, chat: number, message: number): string =>
  `telegram:${botId}:${chat}:${message}`;

/** The photos of an album are one message. */
const idOfSaid = ({ chat, message_id, media_group_id: album }: Message, botId: string): string =>
  album === undefined ? messageIdOf(botId, chat.id, message_id) : `telegram:${botId}:${chat.id}:g:${album}`;

/** The update as the inbox keeps it; null for an update without a chat. */
export const keptUpdate = (update: Update, botId: string): KeptUpdate | null => {
  const { message, edited_message: edited, callback_query: query, my_chat_member: member } = update;
  const chat = (message ?? edited ?? query?.message ?? member)?.chat;
  if (chat === undefined) return null;
  const kept = { updateId: update.update_id, chat: idOf(chat.id), content: JSON.stringify(update) };
  if (message !== undefined) return { ...kept, messageId: idOfSaid(message, botId), ...moveIn(message) };
  if (edited !== undefined)
    return {
      ...kept,
      messageId: `${messageIdOf(botId, chat.id, edited.message_id)}:e:${update.update_id}`,
    };
  return query === undefined
    ? { ...kept, messageId: `telegram:${botId}:m:${update.update_id}` }
    : { ...kept, messageId: `telegram:${botId}:q:${query.id}` };
};

/** Both chats of a move tell of it. */
const moveIn = ({
  chat,
  migrate_to_chat_id: to,
  migrate_from_chat_id: from,
}: Message): Pick<KeptUpdate, "move"> => {
  if (to !== undefined) return { move: { from: idOf(chat.id), to: idOf(to) } };
  return from === undefined ? {} : { move: { from: idOf(from), to: idOf(chat.id) } };
};

/** The bot that receives an update. */
export type Reader = { readonly botId: string; readonly username: string };

/** The meaning of an update for the host. */
export const readUpdate = (content: string, reader: Reader): ReadUpdate => {
  const update = JSON.parse(content) as Update;
  const { message, edited_message: edited, callback_query: query, my_chat_member: member } = update;
  if (member !== undefined) {
    const isGone = ["kicked", "left"].includes(member.new_chat_member.status);
    return isGone ? { type: "lost", why: member.new_chat_member.status } : { type: "none" };
  }
  if (query !== undefined) return readPress(query);
  const said = message ?? edited;
  return said === undefined ? { type: "none" } : readMessage(said, reader, edited !== undefined);
};

const readMessage = (said: Message, reader: Reader, isEdit: boolean): ReadUpdate => {
  const { from, chat } = said;
  if (isOfChat(said) || moveIn(said).move !== undefined) return { type: "none" };
  const isMention = chat.type === "private" || isToBot(said, reader) || namesBot(said, reader);
  const threadId = threadOf(said);
  if (from === undefined || from.is_bot || said.sender_chat !== undefined)
    return { type: "without-person", threadId, ...nobodyIn(said, isMention) };
  const text = said.forward_origin === undefined ? ownText(said, reader) : "";
  const [isStart, code = null] = /^\/start(?: (\S{1,64}))?$/.exec(text) ?? [];
  const quoted = quotedIn(said, reader);
  return {
    type: "message",
    message: {
      ...personIn(from),
      threadId,
      text,
      ...(quoted.length === 0 ? {} : { quoted }),
      ...(isEdit ? { edits: idOfSaid(said, reader.botId) } : {}),
      isMention,
      isDirect: chat.type === "private",
      ...nameOf(chat),
      at: new Date((said.edit_date ?? said.date) * 1000).toISOString(),
    },
    ...(isStart === undefined || chat.type !== "private" || isEdit ? {} : { begins: { code } }),
    files: filesOf(said),
    isPart: said.media_group_id !== undefined && !isEdit,
    about:
      isToBot(said, reader) && !isEdit && text !== ""
        ? { platformMessageId: String(said.reply_to_message?.message_id), answer: { by: "reply" } }
        : null,
  };
};

const threadOf = ({ is_topic_message: isTopic, message_thread_id: thread }: Message): string | null =>
  isTopic === true ? String(thread) : null;

/** Why nobody has written a message, and what the chat reads about it. Another bot and a channel's own posts get no answer. */
const nobodyIn = (
  said: Message,
  isMention: boolean,
): { readonly why: string; readonly answer: string | null } => {
  const { sender_chat: as, chat } = said;
  if (as === undefined) return { why: "a bot has written it", answer: null };
  const isRead = isMention && said.is_automatic_forward !== true;
  const [why, how] =
    as.id === chat.id
      ? ["an anonymous admin has written it", 'without "Remain anonymous"']
      : ["a person has written it as a channel", "as yourself"];
  const answer = `No agent gets this message: ${why}, and Telegram does not say who. Write it ${how}.`;
  return { why, answer: isRead ? answer : null };
};

/** `/cost@gate_bot` is the order `/cost`. */
const ownText = (said: Message, { username }: Reader): string =>
  textOf(said).replace(new RegExp(`^(/\\w+)@${username}\\b`, "i"), (_, order: string) => order);

/** In a topic, Telegram makes each message that replies to nothing a reply to the topic's own first message. */
const repliedTo = ({ reply_to_message: to, ...said }: Message): Message | undefined => {
  const isTopic = said.is_topic_message === true && to?.message_id === said.message_thread_id;
  return isTopic || to?.forum_topic_created !== undefined ? undefined : to;
};

const isToBot = (said: Message, { botId }: Reader): boolean => {
  const to = repliedTo(said);
  return to !== undefined && to.from?.id === Number(botId) && !isOfChat(to);
};

/** Most characters of another's message that the agent gets, and of the part that is meant. A text of Telegram has as many. */
const mostQuoted = 4_096;

const cut = (text: string): string =>
  text.length <= mostQuoted ? text : `${text.slice(0, mostQuoted - 1).replace(/[\ud800-\udbff]$/, "")}…`;

/** The words of others in a message: those that it passes on, and those that it replies to. */
const quotedIn = (said: Message, reader: Reader): readonly Quoted[] => {
  const { forward_origin: origin, external_reply: other, reply_to_story: story, quote } = said;
  const part = quote === undefined ? {} : { part: cut(quote.text) };
  const to = repliedTo(said);
  const forwarded: readonly Quoted[] =
    origin === undefined ? [] : [{ how: "forwarded", ...senderOfOrigin(origin), text: cut(shownText(said)) }];
  const replied: Omit<Quoted, "how"> | null =
    to !== undefined
      ? { ...senderIn(to, reader), text: cut(shownText(to)), ...part }
      : other !== undefined
        ? { ...senderOfOrigin(other.origin), text: quote === undefined ? shownText(other) : "", ...part }
        : story !== undefined
          ? { sender: titleOf(story.chat), userId: null, text: shownText({ story }) }
          : null;
  return [...forwarded, ...(replied === null ? [] : [{ how: "replied-to", ...replied } as const])];
};

const senderIn = (said: Message, { botId }: Reader): Sender => {
  const { from, sender_chat: chat, forward_origin: origin } = said;
  const own =
    from?.id === Number(botId)
      ? { sender: "the bot of this chat", userId: null }
      : chat !== undefined
        ? signed(chat, said.author_signature)
        : from === undefined
          ? { sender: "an unknown sender", userId: null }
          : senderOf(from);
  // Its words are not those of the person who has passed it on.
  return origin === undefined
    ? own
    : { sender: `${senderOfOrigin(origin).sender}, forwarded by ${own.sender}`, userId: null };
};

const readPress = ({ from, message, data }: CallbackQuery): ReadUpdate => {
  if (message === undefined || data === undefined) return { type: "none" };
  const { chat, message_id } = message;
  return {
    type: "message",
    message: {
      ...personIn(from),
      threadId: "is_topic_message" in message ? threadOf(message) : null,
      text: "",
      isMention: true,
      isDirect: chat.type === "private",
      at: new Date().toISOString(),
    },
    files: [],
    about: { platformMessageId: String(message_id), answer: { by: "button", data } },
  };
};

/** A chat with one person has no name of its own. */
const nameOf = ({ title }: Chat): { readonly chatName?: string } =>
  title === undefined ? {} : { chatName: title };

const personIn = (user: User) => ({ userId: idOf(user.id), userName: fullName(user) });

const namesBot = (said: Message, { botId, username }: Reader): boolean => {
  const text = said.text ?? said.caption ?? "";
  const entities: readonly MessageEntity[] = said.entities ?? said.caption_entities ?? [];
  const name = `@${username.toLowerCase()}`;
  if (said.rich_message !== undefined && textOf(said).toLowerCase().includes(name)) return true;
  return entities.some((entity) => {
    const shown = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
    if (entity.type === "text_mention") return entity.user.id === Number(botId);
    return entity.type === "mention" ? shown === name : entity.type === "bot_command" && shown.endsWith(name);
  });
};

/** The files of a message. Of a photo Telegram has several sizes, the largest last. */
const filesOf = (said: Message): readonly RemoteFile[] => {
  const { document, photo, video, audio, voice, animation, video_note: round } = said;
  const number = said.message_id;
  const found = [
    // An animation is a document, too.
    animation === undefined ? document && { ...document, name: `file-${number}` } : undefined,
    photo?.at(-1) && { ...photo.at(-1), name: `photo-${number}.jpg` },
    video && { ...video, name: `video-${number}.mp4` },
    audio && { ...audio, name: `audio-${number}.mp3` },
    voice && { ...voice, name: `voice-${number}.ogg` },
    animation && { ...animation, name: `animation-${number}.mp4` },
    round && { ...round, name: `video-${number}.mp4` },
  ];
  return found.flatMap((file) => {
    if (file?.file_id === undefined) return [];
    const given = "file_name" in file ? file.file_name : undefined;
    return [{ id: file.file_id, name: given ?? file.name, size: file.file_size ?? null }];
  });
};
