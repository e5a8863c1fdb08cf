import type { Attachment } from "@gatehouse/channels";
import { fail, handleIn, ok, type Result } from "@gatehouse/std";
import type { CallError, Connection, Messenger, RemoteFile } from "../messenger.ts";
import { leftOut } from "../remote-files.ts";
import { partsOf, type Content, askForWords, closeCard, queryOf } from "./parts.ts";
import { botIdOf, keptUpdate, readUpdate, wantedUpdates } from "./read-update.ts";
import { telegramSetUp } from "./telegram-set-up.ts";
import { telegramApi, type TelegramApi } from "./telegram-api.ts";

/** Time for which Telegram keeps a request for updates open, s. */
const pollSeconds = 25;

/** Bytes of a file that Telegram hands over to a bot, and takes from one. */
const [mostDownload, mostUpload] = [20 * 2 ** 20, 50 * 2 ** 20];

/**
 * After this time without an update the next request confirms nothing and begins anew, ms. After a week of silence Telegram
 * counts its updates from a random number, and a request with the old one would hide them.
 */
const silenceMs = 86_400_000;

/** Telegram, by its Bot API. */
export const telegram: Messenger = {
  type: "telegram",
  setUp: telegramSetUp,
  // Telegram takes 4,096 characters; its apps split a longer text at an end of a line or a word in the second half.
  sentAtOnce: { splitAbove: 2_048, mostText: 4_096 },
  beginsChats: false,
  connect: ({ token, username }, options) => {
    const api = telegramApi({ token, ...options });
    const botId = botIdOf(token);
    /** The presses that were answered with a text. */
    const answered = new Set<string>();
    /** The number of the first update that is not confirmed, and of the first one that was not received. */
    let from: number | null = null;
    let next: number | null = null;
    let heardAt = performance.now();
    return {
      poll: async (areStored, signal) => {
        if (areStored) from = next;
        if (performance.now() - heardAt > silenceMs) from = next = null;
        const polled = await api.call(
          "getUpdates",
          {
            ...(from === null ? {} : { offset: from }),
            timeout: pollSeconds,
            allowed_updates: wantedUpdates,
          },
          { signal, timeoutMs: (pollSeconds + 10) * 1000 },
        );
        if (!polled.ok) return polled;
        if (polled.value.length > 0) {
          heardAt = performance.now();
          next = Math.max(...polled.value.map(({ update_id }) => update_id + 1));
        }
        return ok(
          polled.value.map(
            (update) =>
              keptUpdate(update, botId) ?? {
                updateId: update.update_id,
                chat: "",
                messageId: "",
                content: "",
              },
          ),
        );
      },
      read: (content) => readUpdate(content, { botId, username }),
      openFiles: (files, isLast) => openFiles(api, files, isLast),
      isChat: (platformId) => /^telegram:-?\d{1,16}$/.test(platformId),
      directChatOf: (userId) => Promise.resolve(handleIn("telegram", userId) === null ? null : userId),
      partsOf,
      askForWords,
      closeCard,
      send: async (chat, content, attachments, signal) => {
        const part = JSON.parse(content) as Content;
        if (part.type === "toast") answered.add(part.query);
        return sendPart(api, { chat: Number(chat.slice("telegram:".length)), attachments, signal }, part);
      },
      settle: async (messageId) => {
        const query = queryOf(messageId);
        if (query === null || answered.delete(query)) return;
        await api.call("answerCallbackQuery", { callback_query_id: query });
      },
      writing: (chat, threadId) =>
        void api.call("sendChatAction", {
          chat_id: Number(chat.slice("telegram:".length)),
          action: "typing",
          ...(threadId === null ? {} : { message_thread_id: Number(threadId) }),
        }),
    } satisfies Connection;
  },
};

type SendTarget = {
  readonly chat: number;
  readonly attachments: readonly Attachment[];
  readonly signal: AbortSignal;
};

type Sent = Result<string | null, CallError>;

const sendPart = async (api: TelegramApi, place: SendTarget, part: Content): Promise<Sent> => {
  const { chat: chat_id, signal } = place;
  switch (part.type) {
    case "text":
      return sendText(api, place, part);
    case "file":
      return sendFile(api, place, part);
    case "toast": {
      const { query: callback_query_id, plain: text } = part;
      const payload = { callback_query_id, text, show_alert: true };
      const told = await api.call("answerCallbackQuery", payload, { signal });
      if (told.ok) return ok(null);
      // Telegram takes an answer for some seconds after the press.
      return told.error.code === "refused" ? sendText(api, place, part) : told;
    }
    case "edit": {
      const message_id = Number(part.message);
      const edit = (more: { readonly text: string; readonly parse_mode?: "HTML" }) =>
        api.call("editMessageText", { chat_id, message_id, ...noPreview, ...more }, { signal });
      const edited = await htmlFirst(part, edit);
      if (edited.ok || isIn(edited.error, /not modified/i)) return ok(part.message);
      if (edited.error.code !== "refused") return edited;
      // The message is gone, or too old to be changed.
      return sendText(api, place, part);
    }
  }
};

type TextPart = { readonly html: string; readonly plain: string };

const noPreview = { link_preview_options: { is_disabled: true } } as const;

const sendText = async (
  api: TelegramApi,
  { chat: chat_id, signal }: SendTarget,
  part: TextPart & Partial<Omit<Extract<Content, { readonly type: "text" }>, "type">>,
): Promise<Sent> => {
  const { replyTo, buttons, asksForReply } = part;
  const markup =
    buttons !== undefined
      ? {
          reply_markup: { inline_keyboard: buttons.map(({ text, data }) => [{ text, callback_data: data }]) },
        }
      : asksForReply === true
        ? { reply_markup: { force_reply: true, selective: true } as const }
        : {};
  const sent = await inThread(part.thread, (thread) =>
    htmlFirst(part, (text) =>
      api.call(
        "sendMessage",
        {
          chat_id,
          ...inPlace(thread, replyTo?.chat === chat_id ? replyTo.message : undefined),
          ...noPreview,
          ...markup,
          ...text,
        },
        { signal },
      ),
    ),
  );
  return sent.ok ? ok(String(sent.value.message_id)) : sent;
};

/** Sends to the thread, and to the chat itself if the thread was closed or deleted. */
const inThread = async <T>(
  thread: number | undefined,
  send: (thread?: number) => Promise<Result<T, CallError>>,
): Promise<Result<T, CallError>> => {
  const sent = await send(thread);
  const isGone = !sent.ok && /thread not found|TOPIC_(?:CLOSED|DELETED|ID_INVALID)/i.test(sent.error.message);
  return isGone && thread !== undefined ? send() : sent;
};

/** A message in its thread. A reply to a message that is gone is sent as no reply. */
const inPlace = (thread: number | undefined, replyTo: number | undefined) => ({
  ...(thread === undefined ? {} : { message_thread_id: thread }),
  ...(replyTo === undefined
    ? {}
    : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
});

/** Sends the HTML, and the plain text if Telegram refuses the HTML. */
const htmlFirst = async <T>(
  { html, plain }: TextPart,
  send: (text: { readonly text: string; readonly parse_mode?: "HTML" }) => Promise<Result<T, CallError>>,
): Promise<Result<T, CallError>> => {
  const sent = await send({ text: html, parse_mode: "HTML" });
  return !sent.ok && isIn(sent.error, /can't parse/i) ? send({ text: plain }) : sent;
};

const isIn = ({ code, message }: CallError, words: RegExp): boolean =>
  code === "refused" && words.test(message);

const sendFile = async (
  api: TelegramApi,
  { chat: chat_id, attachments, signal }: SendTarget,
  { file, thread }: Extract<Content, { readonly type: "file" }>,
): Promise<Sent> => {
  const attachment = attachments[file];
  if (attachment === undefined) return fail({ code: "refused", message: "The file is no longer there." });
  if (attachment.size > mostUpload)
    return fail({ code: "refused", message: `Telegram takes no file above ${mostUpload / 2 ** 20} MB.` });
  const sent = await inThread(thread, (there) =>
    api.call(
      "sendDocument",
      { chat_id, ...inPlace(there, undefined) },
      { signal, file: { field: "document", attachment } },
    ),
  );
  return sent.ok ? ok(String(sent.value.message_id)) : sent;
};

/** Finds the files at Telegram. One that it does not hand over is left out with a note; its text is not lost. */
const openFiles = async (
  api: TelegramApi,
  files: readonly RemoteFile[],
  isLast: boolean,
): ReturnType<Connection["openFiles"]> => {
  const attachments: Attachment[] = [];
  const notes: string[] = [];
  for (const { id, name, size } of files) {
    const leaveOut = (why: string): void => void notes.push(leftOut(name, why));
    if (size !== null && size > mostDownload) {
      leaveOut(`Telegram hands over at most ${mostDownload / 2 ** 20} MB.`);
      continue;
    }
    const found = await api.call("getFile", { file_id: id });
    // Telegram says "wrong file_id or the file is temporarily unavailable".
    const isRefused = !found.ok && (found.error.code === "refused" || found.error.code === "unauthorized");
    if (!found.ok && !(isRefused && isLast)) return found;
    const path = found.ok ? found.value.file_path : undefined;
    const bytes = found.ok ? (found.value.file_size ?? size) : null;
    if (!found.ok) leaveOut(found.error.message);
    else if (path === undefined || bytes === null) leaveOut("Telegram does not say where it is.");
    else attachments.push({ name, size: bytes, content: () => api.download(path, bytes) });
  }
  return ok({ attachments, notes });
};
