import type { Attachment } from "@gatehouse/channels";
import { defined, fail, ok, type Result } from "@gatehouse/std";
import { bySocket } from "../inbox/by-socket.ts";
import type { CallError, Connection, ConnectOptions, Messenger } from "../messenger.ts";
import { codeOf, fetchFrom } from "../proxied-fetch.ts";
import { fileMs, filesAt, mostFile } from "../remote-files.ts";
import { missedSince } from "./backfill.ts";
import { botOf, chatIn, idOf, userIn, type Bot } from "./names.ts";
import { askForWords, closeCard, partsOf, type Content } from "./parts.ts";
import { foundMessage, foundPress, readEvent, type FoundEvent, type SlackMessage } from "./read-event.ts";
import { slackApi, slackRoot, type SlackApi } from "./slack-api.ts";
import { slackSetUp } from "./slack-set-up.ts";
import { openSocket } from "./socket.ts";

/** Most time for a name that people read, ms: an event is to be acknowledged within 3 s. */
const nameMs = 1_000;

/** Slack, by its Web API and socket mode. */
export const slack: Messenger = {
  type: "slack",
  setUp: slackSetUp,
  sentAtOnce: null,
  beginsChats: true,
  connect: ({ token, more = {}, id = "" }, { root = slackRoot, callMs, signal, ...options }) => {
    const sending = slackApi({ token, root });
    const calls = { root, signal, ...defined({ timeoutMs: callMs }) };
    const api = slackApi({ token, ...calls });
    const bot = botOf(id);
    const { team } = bot;
    const names = namesAt(slackApi({ token, root, timeoutMs: nameMs, signal }));
    const directChats = new Map<string, string>();
    const received = receiving({
      api,
      appToken: more["app"] ?? "",
      ...calls,
      ...options,
      bot,
      names,
    });
    return {
      ...received,
      read: (content) => readEvent(content, bot),
      openFiles: (files) =>
        Promise.resolve(
          ok(
            filesAt(files, ({ id: address }) => address, {
              title: "Slack",
              root,
              isHost: (hostname) => hostname.endsWith(".slack.com"),
              request: { headers: { authorization: `Bearer ${token}` } },
              signal,
            }),
          ),
        ),
      isChat: (platformId) => chatIn(team, platformId) !== null,
      directChatOf: async (userId) => {
        const users = userIn(team, userId);
        if (users === null) return null;
        const known = directChats.get(users);
        if (known !== undefined) return known;
        const opened = await api.call<{ readonly channel: { readonly id: string } }>("conversations.open", {
          users,
        });
        if (!opened.ok) return null;
        const chat = idOf(team, opened.value.channel.id);
        directChats.set(users, chat);
        return chat;
      },
      partsOf,
      askForWords,
      closeCard,
      send: (chat, content, attachments, until) =>
        sendPart(sending, chatIn(team, chat) ?? "", attachments, JSON.parse(content) as Content, until),
    } satisfies Connection;
  },
};

type NamesAt = (found: FoundEvent) => Promise<{ readonly user: string | null; readonly chat: string | null }>;

/** Time for which Slack is not asked for names after it did not answer, ms. */
const noNamesMs = 30_000;

/** The names of people and channels, which are kept. */
const namesAt = (api: SlackApi): NamesAt => {
  const known = new Map<string, string>();
  let askFrom = 0;
  const named = async (id: string, ask: () => Promise<string | undefined>): Promise<string | null> => {
    const there = known.get(id);
    if (there !== undefined) return there;
    if (performance.now() < askFrom) return null;
    const name = await ask();
    if (name === undefined || name === "") {
      askFrom = performance.now() + noNamesMs;
      return null;
    }
    known.set(id, name);
    return name;
  };
  type User = {
    readonly user?: { readonly name?: string; readonly real_name?: string; readonly profile?: Profile };
  };
  type Profile = { readonly display_name?: string };
  type Chat = { readonly channel?: { readonly name?: string } };
  return async ({ user, channel }) => ({
    user:
      user === null
        ? null
        : await named(user, async () => {
            const answer = await api.call<User>("users.info", { user });
            const of = answer.ok ? answer.value.user : undefined;
            return of?.profile?.display_name || of?.real_name || of?.name;
          }),
    chat: channel.startsWith("D")
      ? null
      : await named(channel, async () => {
          const answer = await api.call<Chat>("conversations.info", { channel });
          return answer.ok ? answer.value.channel?.name : undefined;
        }),
  });
};

type Receiving = Omit<ConnectOptions, "chats" | "root" | "callMs"> & {
  readonly api: SlackApi;
  readonly appToken: string;
  readonly root: string;
  readonly timeoutMs?: number;
  readonly bot: Bot;
  readonly names: NamesAt;
};

const receiving = ({ api, appToken, root, timeoutMs, bot, names, signal, ...options }: Receiving) => {
  const found = (message: SlackMessage): FoundEvent | null => foundMessage(message, bot);
  return bySocket<FoundEvent>({
    ...options,
    signal,
    title: "Slack",
    open: ({ received, ...handlers }) =>
      openSocket({
        appToken,
        root,
        signal,
        ...defined({ timeoutMs }),
        ...handlers,
        received: ({ id, type, body }) => received(() => foundIn(type, body, bot), id),
      }),
    missed: (since, event) => missedSince(api, since, found, event?.channel),
    kept: async (one) => {
      const { channel, messageId, event } = one;
      const content = event.kind === "left" ? event : { ...event, names: await names(one) };
      return ok({
        updateId: null,
        chat: idOf(bot.team, channel),
        messageId,
        content: JSON.stringify(content),
      });
    },
  });
};

/** The event of an envelope; null for one that is for nobody. */
const foundIn = (type: string, body: unknown, bot: Bot): FoundEvent | null => {
  const event = (body as { readonly event?: SlackMessage } | null)?.event;
  if (type === "events_api" && event !== undefined) return foundMessage(event, bot);
  return type === "interactive" ? foundPress(body, bot) : null;
};

type Sent = Result<string | null, CallError>;

const sendPart = async (
  api: SlackApi,
  channel: string,
  attachments: readonly Attachment[],
  content: Content,
  signal: AbortSignal,
): Promise<Sent> => {
  switch (content.type) {
    case "post":
      return post(api, channel, content);
    case "file":
      return sendFile(api, channel, attachments[content.file], content.thread, signal);
    case "edit": {
      const { ts, text, blocks } = content;
      const edited = await api.call("chat.update", { channel, ts, text, blocks });
      if (edited.ok) return ok(ts);
      // The message is gone, or too old to be changed.
      return edited.error.code === "refused" ? post(api, channel, { type: "post", text, blocks }) : edited;
    }
  }
};

const post = async (
  api: SlackApi,
  channel: string,
  { thread, markdown, text, blocks, onlyFor }: Extract<Content, { readonly type: "post" }>,
): Promise<Sent> => {
  const payload = {
    channel,
    ...(thread === undefined ? {} : { thread_ts: thread }),
    ...(markdown === undefined ? { text, blocks } : { markdown_text: markdown }),
    unfurl_links: false,
    unfurl_media: false,
  };
  if (onlyFor === undefined) {
    const sent = await api.call<{ readonly ts: string }>("chat.postMessage", payload);
    return sent.ok ? ok(sent.value.ts) : sent;
  }
  const told = await api.call("chat.postEphemeral", { ...payload, user: onlyFor });
  return told.ok ? ok(null) : told;
};

type Upload = { readonly upload_url: string; readonly file_id: string };

/** Nothing is shown until the upload is completed, so that all before may be repeated. */
const sendFile = async (
  api: SlackApi,
  channel: string,
  attachment: Attachment | undefined,
  thread: string | undefined,
  signal: AbortSignal,
): Promise<Sent> => {
  if (attachment === undefined) return fail({ code: "refused", message: "The file is no longer there." });
  const { name: filename, size: length } = attachment;
  if (length > mostFile)
    return fail({
      code: "refused",
      message: `This host sends no file above ${mostFile / 2 ** 20} MB to Slack.`,
    });
  const begun = await api.call<Upload>("files.getUploadURLExternal", { filename, length });
  if (!begun.ok) return begun.error.code === "unknown" ? fail({ ...begun.error, code: "unsent" }) : begun;
  const { upload_url: address, file_id: id } = begun.value;
  const uploaded = await upload(address, attachment, signal);
  if (!uploaded.ok) return uploaded;
  const completed = await api.call("files.completeUploadExternal", {
    files: [{ id, title: filename }],
    channel_id: channel,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  });
  return completed.ok ? ok(id) : completed;
};

const upload = async (
  address: string,
  { size, content }: Attachment,
  signal: AbortSignal,
): Promise<Result<void, CallError>> => {
  const lost = (why: string) =>
    fail({ code: "unsent", message: `Slack did not take the file (${why}).` } as const);
  try {
    const response = await fetchFrom(address, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", "content-length": String(size) },
      body: ReadableStream.from(content()),
      duplex: "half",
      signal: AbortSignal.any([signal, AbortSignal.timeout(fileMs)]),
    } as RequestInit);
    return response.ok ? ok(undefined) : lost(String(response.status));
  } catch (error) {
    return lost(codeOf(error));
  }
};
