import type { CallbackQuery, Chat, Message, MessageEntity, Update, User } from "@grammyjs/types";
import type { KeptUpdate, ReadUpdate, RemoteFile } from "../messenger.ts";

/** The kinds of updates that the bot asks for. */
export const wantedUpdates = ["message", "edited_message", "callback_query", "my_chat_member"] as const;

/** The own id of a bot, which is the first part of its token and no secret. */
export const botIdOf = (token: string): string => token.split(":")[0] ?? "";

/** The platform id of a chat or the id of a user. */
export const idOf = (id: number): string => `telegram:${id}`;

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
  if (message !== undefined) return { ...kept, messageId: idOfSaid(message, botId) };
  if (edited !== undefined)
    return {
      ...kept,
      messageId: `${messageIdOf(botId, chat.id, edited.message_id)}:e:${update.update_id}`,
    };
  return query === undefined
    ? { ...kept, messageId: `telegram:${botId}:m:${update.update_id}` }
    : { ...kept, messageId: `telegram:${botId}:q:${query.id}` };
};

/** The bot that receives an update. */
export type Reader = { readonly botId: string; readonly instance: string; readonly username: string };

/** The meaning of an update for the host. */
export const readUpdate = (content: string, reader: Reader): ReadUpdate => {
  const update = JSON.parse(content) as Update;
  const { message, edited_message: edited, callback_query: query, my_chat_member: member } = update;
  if (member !== undefined) {
    const isGone = ["kicked", "left"].includes(member.new_chat_member.status);
    return isGone ? { type: "lost", why: member.new_chat_member.status } : { type: "none" };
  }
  const messageId = keptUpdate(update, reader.botId)?.messageId;
  if (messageId === undefined) return { type: "none" };
  if (query !== undefined) return readPress(query, messageId, reader);
  const said = message ?? edited;
  if (said === undefined) return { type: "none" };
  if (said.migrate_to_chat_id !== undefined) return { type: "moved", to: idOf(said.migrate_to_chat_id) };
  return readMessage(said, messageId, reader, edited !== undefined);
};

const readMessage = (said: Message, messageId: string, reader: Reader, isEdit: boolean): ReadUpdate => {
  const { from, chat, reply_to_message: repliedTo } = said;
  if (from === undefined || from.is_bot) return { type: "none" };
  const files = filesOf(said);
  const text = textOf(said, reader.username);
  if (text === null && files.length === 0) return { type: "none" };
  const isToBot = repliedTo?.from?.id === Number(reader.botId);
  return {
    type: "message",
    message: {
      ...personIn(from),
      id: messageId,
      channelType: "telegram",
      platformId: idOf(chat.id),
      instance: reader.instance,
      threadId: said.is_topic_message === true ? String(said.message_thread_id) : null,
      text: text ?? "",
      ...(isEdit ? { edits: idOfSaid(said, reader.botId) } : {}),
      isMention: chat.type === "private" || isToBot || namesBot(said, reader),
      isDirect: chat.type === "private",
      ...nameOf(chat),
      at: new Date((said.edit_date ?? said.date) * 1000).toISOString(),
    },
    files,
    isPart: said.media_group_id !== undefined && !isEdit,
    about:
      isToBot && !isEdit && text !== null
        ? { platformMessageId: String(repliedTo?.message_id), answer: { by: "reply" } }
        : null,
  };
};

const readPress = (query: CallbackQuery, messageId: string, reader: Reader): ReadUpdate => {
  const { from, message, data } = query;
  if (message === undefined || data === undefined) return { type: "none" };
  const { chat, message_id } = message;
  const isTopic = "is_topic_message" in message && message.is_topic_message === true;
  return {
    type: "message",
    message: {
      ...personIn(from),
      id: messageId,
      channelType: "telegram",
      platformId: idOf(chat.id),
      instance: reader.instance,
      threadId: isTopic ? String(message.message_thread_id) : null,
      text: "",
      isMention: true,
      isDirect: chat.type === "private",
      at: new Date().toISOString(),
    },
    files: [],
    isPart: false,
    about: { platformMessageId: String(message_id), answer: { by: "button", data } },
  };
};

/** A chat with one person has no name of its own. */
const nameOf = ({ title }: Chat): { readonly chatName?: string } =>
  title === undefined ? {} : { chatName: title };

const personIn = ({ id, first_name, last_name }: User) => ({
  userId: idOf(id),
  userName: [first_name, last_name ?? ""].join(" ").trim(),
});

/** Null for a message about the chat itself, such as a new member. */
const textOf = (said: Message, username: string): string | null => {
  const text = said.text ?? said.caption;
  // `/cost@gate_bot` is the order `/cost`.
  if (text !== undefined)
    return text.replace(new RegExp(`^(/\\w+)@${username}\\b`, "i"), (_, order: string) => order);
  if (said.location !== undefined) return `[a place: ${said.location.latitude}, ${said.location.longitude}]`;
  if (said.contact !== undefined)
    return `[a contact: ${said.contact.first_name} ${said.contact.phone_number}]`;
  if (said.poll !== undefined) return `[a poll: ${said.poll.question}]`;
  if (said.dice !== undefined) return `[${said.dice.emoji} ${said.dice.value}]`;
  return said.sticker === undefined
    ? null
    : `[a sticker${said.sticker.emoji === undefined ? "" : ` ${said.sticker.emoji}`}]`;
};

const namesBot = (said: Message, { botId, username }: Reader): boolean => {
  const text = said.text ?? said.caption ?? "";
  const entities: readonly MessageEntity[] = said.entities ?? said.caption_entities ?? [];
  const name = `@${username.toLowerCase()}`;
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
