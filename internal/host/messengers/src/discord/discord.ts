import { Buffer } from "node:buffer";
import type { Attachment } from "@gatehouse/channels";
import { fail, handleIn, ok, type Result } from "@gatehouse/std";
import { bySocket, type SocketHandlers } from "../inbox/by-socket.ts";
import type { CallError, Connection, ConnectOptions, Messenger, RemoteFile } from "../messenger.ts";
import { filesAt, type FileSource } from "../remote-files.ts";
import { isGone } from "../inbox/missed.ts";
import { missedSince } from "./backfill.ts";
import { discordApi, discordRoot, type DiscordApi } from "./discord-api.ts";
import { discordSetUp } from "./discord-set-up.ts";
import { gateway, type Dispatch } from "./gateway.ts";
import { botOf, chatIn, chatOf, interactionIn, timeOf, type Bot, type DiscordChat } from "./names.ts";
import { askForWords, closeCard, partsOf, type Content, type Post } from "./parts.ts";
import {
  foundLeft,
  foundMessage,
  foundPress,
  isThread,
  readEvent,
  type DiscordChannel,
  type DiscordFile,
  type DiscordInteraction,
  type DiscordMessage,
  type FoundEvent,
  type KeptEvent,
  type MessagePlace,
} from "./read-event.ts";

/** Most time to send a file, ms. Less than Discord knows its nonce. */
const sendFileMs = 100_000;

/** Bytes of a file that a bot may send (https://docs.discord.com/developers/reference#uploading-files). */
const mostSent = 20 * 2 ** 20;

/** Discord knows a nonce for "the past few minutes" (https://docs.discord.com/developers/resources/message#create-message). */
const nonceMs = 120_000;

/** The token of an interaction is valid for 15 minutes (…/interactions/receiving-and-responding#interaction-callback). */
const pressMs = 14 * 60_000;

/** Discord, by its gateway and its HTTP API. */
export const discord: Messenger = {
  type: "discord",
  setUp: discordSetUp,
  sentAtOnce: null,
  beginsChats: true,
  connect: ({ token, id = "" }, { root = discordRoot, signal, ...options }) => {
    const bot = botOf(id);
    const api = discordApi({ token, root, signal });
    const fileApi = discordApi({ token, root, signal, timeoutMs: sendFileMs });
    const presses = pressesKept();
    const channels = channelsAt(api);
    const directChats = new Map<string, string>();
    return {
      ...receiving({ api, token, bot, presses, channels, signal, ...options }),
      read: (content) => readEvent(content, bot),
      openFiles: (files, isLast) => openFiles(api, files, { root, signal, isLast }),
      isChat: (platformId) => chatIn(platformId) !== null,
      directChatOf: async (userId) => {
        const recipient = handleIn("discord", userId);
        if (recipient === null) return null;
        const known = directChats.get(recipient);
        if (known !== undefined) return known;
        const opened = await api.call<DiscordChannel>("post", "/users/@me/channels", {
          body: { recipient_id: recipient },
        });
        if (!opened.ok) return null;
        const chat = chatOf(null, opened.value.id);
        directChats.set(recipient, chat);
        return chat;
      },
      partsOf: (message) => partsOf(message, (answered) => presses.tokenOf(answered)?.interaction ?? null),
      askForWords,
      closeCard,
      repeatableMs: (content) => {
        const { type, press } = JSON.parse(content) as Pick<Post, "press"> & Pick<Content, "type">;
        // An answer to a press has no nonce.
        return type === "edit" || press !== undefined ? 0 : nonceMs;
      },
      send: (chat, content, attachments, until) => {
        const sent = JSON.parse(content) as Content;
        const channel = sent.thread ?? chatIn(chat)?.channel ?? "";
        return sendPart({ api, fileApi, bot, presses, signal: until }, channel, sent, attachments);
      },
      writing: (chat, threadId) => {
        const channel = threadId ?? chatIn(chat)?.channel ?? "";
        void api.call("post", `/channels/${channel}/typing`);
      },
    } satisfies Connection;
  },
};

type Press = { readonly interaction: string; readonly token: string };

/** The presses of the last minutes: an answer to one of them can be for that person alone. A restart forgets them. */
const pressesKept = () => {
  const tokens = new Map<string, string>();
  const forget = (): void => {
    for (const id of tokens.keys()) if (timeOf(id) + pressMs < Date.now()) tokens.delete(id);
  };
  const find = (interaction: string): Press | null => {
    forget();
    const token = tokens.get(interaction);
    return token === undefined ? null : { interaction, token };
  };
  return {
    add: (interaction: string, token: string): void => {
      forget();
      tokens.set(interaction, token);
    },
    find,
    /** The press of an update of this id. */
    tokenOf: (updateId: string): Press | null => {
      const interaction = interactionIn(updateId);
      return interaction === null ? null : find(interaction);
    },
  };
};

type Presses = ReturnType<typeof pressesKept>;

/** The channels of the bot as Discord last told them; it is asked for others. */
const channelsAt = ({ call }: DiscordApi) => {
  const known = new Map<string, DiscordChannel>();
  const channelAt = async (id: string): Promise<Result<DiscordChannel, CallError>> => {
    const there = known.get(id);
    if (there !== undefined) return ok(there);
    const asked = await call<DiscordChannel>("get", `/channels/${id}`);
    // One that is gone, or that the bot may no longer see, has no name.
    if (!asked.ok && ["wait", "unsent", "unknown", "unauthorized"].includes(asked.error.code)) return asked;
    const channel = asked.ok ? asked.value : { id };
    known.set(id, channel);
    return ok(channel);
  };
  return {
    know: (channel: DiscordChannel): void => void known.set(channel.id, channel),
    placeOf: async (guild: string | null, id: string): Promise<Result<MessagePlace, CallError>> => {
      if (guild === null) return ok({ guild, channel: id, thread: null, name: null });
      const found = await channelAt(id);
      if (!found.ok) return found;
      const parent = isThread(found.value) ? (found.value.parent_id ?? null) : null;
      const of = parent === null ? found : await channelAt(parent);
      const name = of.ok ? (of.value.name ?? null) : null;
      return ok({ guild, channel: parent ?? id, thread: parent === null ? null : id, name });
    },
  };
};

type Receiving = Omit<ConnectOptions, "root"> & {
  readonly api: DiscordApi;
  readonly token: string;
  readonly bot: Bot;
  readonly presses: Presses;
  readonly channels: ReturnType<typeof channelsAt>;
};

const receiving = ({ api, token, bot, presses, channels, chats, ...options }: Receiving) => {
  let received: SocketHandlers<FoundEvent>["received"] = () => {};
  const knownChats = async (): Promise<readonly DiscordChat[]> =>
    [...new Set(await chats())].flatMap((chat) => chatIn(chat) ?? []);
  /** A server also loses channels that are no chats of the bot, such as one for each call. */
  const left = async (isLeft: (chat: DiscordChat) => boolean): Promise<void> => {
    for (const { guild, channel } of (await knownChats()).filter(isLeft))
      received(() => foundLeft(guild, channel, bot, Date.now()), null);
  };
  const dispatched = ({ t, d }: Dispatch): void => {
    switch (t) {
      case "MESSAGE_CREATE":
      case "MESSAGE_UPDATE":
        return received(() => foundMessage(d as DiscordMessage, bot, t === "MESSAGE_UPDATE"), null);
      case "INTERACTION_CREATE": {
        const interaction = d as DiscordInteraction;
        const press = foundPress(interaction, bot);
        if (interaction.channel !== undefined) channels.know(interaction.channel);
        if (press === null || interaction.token === undefined) return;
        presses.add(interaction.id, interaction.token);
        return received(() => press, interaction.id);
      }
      case "CHANNEL_UPDATE":
      case "THREAD_CREATE":
        return channels.know(d as DiscordChannel);
      case "CHANNEL_DELETE": {
        const { id } = d as DiscordChannel;
        return void left(({ channel }) => channel === id).catch(options.report);
      }
      case "GUILD_DELETE": {
        const { id: guild, unavailable } = d as { readonly id: string; readonly unavailable?: boolean };
        // An outage of Discord.
        if (unavailable === true) return;
        return void left((chat) => chat.guild === guild).catch(options.report);
      }
      default:
    }
  };
  const open = gateway({
    api,
    token,
    dispatched: (dispatch) => received(() => (dispatched(dispatch), null), null),
  });
  return bySocket<FoundEvent>({
    ...options,
    title: "Discord",
    open: async (handlers) => {
      received = handlers.received;
      const opened = await open(handlers);
      if (!opened.ok) return opened;
      return ok({ ...opened.value, acknowledge: (receipt) => acknowledge(api, presses.find(receipt)) });
    },
    missed: (since, only) =>
      missedSince({
        api,
        heard: Date.parse(since),
        directChats: async () =>
          (await knownChats()).flatMap(({ guild, channel }) => (guild === null ? channel : [])),
        found: (message, isEdit) => foundMessage(message, bot, isEdit),
        only,
      }),
    kept: async ({ messageId, guild, channel, event }) => {
      const place = await channels.placeOf(guild, channel);
      if (!place.ok) return place;
      const content: KeptEvent = { ...event, place: place.value };
      const chat = chatOf(guild, place.value.channel);
      return ok({ updateId: null, chat, messageId, content: JSON.stringify(content) });
    },
  });
};

/**
 * Tells Discord that a press is stored: without that it shows a failure after three seconds. DEFERRED_UPDATE_MESSAGE changes nothing
 * (…/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type).
 */
const acknowledge = async ({ call }: DiscordApi, press: Press | null): Promise<void> => {
  if (press === null) return;
  const { interaction, token } = press;
  const told = await call("post", `/interactions/${interaction}/${token}/callback`, {
    body: { type: 6 },
    auth: false,
  });
  const isForNow = !told.ok && ["wait", "unsent", "unknown"].includes(told.error.code);
  if (isForNow && timeOf(interaction) + 3_000 > Date.now()) throw new Error(told.error.message);
};

type Sending = {
  readonly api: DiscordApi;
  readonly fileApi: DiscordApi;
  readonly bot: Bot;
  readonly presses: Presses;
  readonly signal: AbortSignal;
};

type Sent = Result<string | null, CallError>;

/** No text calls a person, a role or all (…/resources/message#allowed-mentions-object). */
const allowed_mentions = { parse: [] };

/** SUPPRESS_EMBEDS and EPHEMERAL (…/resources/message#message-object-message-flags). */
const [withoutPreviews, onlyForOne] = [1 << 2, 1 << 6];

const sendPart = async (
  sending: Sending,
  channel: string,
  content: Content,
  attachments: readonly Attachment[],
): Promise<Sent> => {
  const { api, fileApi, signal } = sending;
  switch (content.type) {
    case "post":
      return content.press === undefined
        ? post(sending, channel, content)
        : answerPress(sending, channel, content);
    case "file": {
      const attachment = attachments[content.file];
      if (attachment === undefined) return fail({ code: "refused", message: "The file is no longer there." });
      if (attachment.size > mostSent)
        return fail({
          code: "refused",
          message: `Discord takes no file above ${mostSent / 2 ** 20} MB from a bot.`,
        });
      const data = await bytesOf(attachment);
      if (data === null) return fail({ code: "refused", message: "The file can no longer be read." });
      const { nonce } = content;
      const files = [{ name: attachment.name, data }];
      return created(
        await fileApi.call<Created>("post", `/channels/${channel}/messages`, {
          body: { nonce, enforce_nonce: true, allowed_mentions },
          files,
          signal,
        }),
      );
    }
    case "edit": {
      const { message, embeds } = content;
      const body = { embeds, components: [], allowed_mentions };
      const edited = await api.call("patch", `/channels/${channel}/messages/${message}`, { body, signal });
      if (edited.ok) return ok(message);
      // The message is gone.
      return edited.error.number === unknownMessage
        ? post(sending, channel, { type: "post", nonce: `end-${message.slice(-21)}`, embeds })
        : edited;
    }
  }
};

const bytesOf = async ({ content }: Attachment): Promise<Buffer | null> => {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of content()) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch {
    return null;
  }
};

type Created = { readonly id: string };

const unknownMessage = 10008;

/** A message of the same nonce that was deleted meanwhile was sent (discord/discord-api-docs#6647). */
const created = (answer: Awaited<ReturnType<DiscordApi["call"]>>): Sent => {
  if (answer.ok) return ok((answer.value as Created).id);
  return answer.error.number === unknownMessage ? ok(null) : fail(answer.error);
};

const post = async (
  { api, signal }: Sending,
  channel: string,
  { nonce, content, embeds, components, reply }: Omit<Post, "press" | "thread">,
): Promise<Sent> =>
  created(
    await api.call<Created>("post", `/channels/${channel}/messages`, {
      body: {
        content,
        embeds,
        components,
        nonce,
        enforce_nonce: true,
        allowed_mentions,
        ...(content === undefined ? {} : { flags: withoutPreviews }),
        ...(reply === undefined
          ? {}
          : { message_reference: { message_id: reply, fail_if_not_exists: false } }),
      },
      signal,
    }),
  );

/** Only who has pressed sees the answer, if Discord still knows the press. It follows the acknowledgement. */
const answerPress = async (sending: Sending, channel: string, content: Post): Promise<Sent> => {
  const { api, bot, presses, signal } = sending;
  const press = presses.find(content.press ?? "");
  if (press === null) return post(sending, channel, content);
  const told = await api.call("post", `/webhooks/${bot.application}/${press.token}`, {
    body: { embeds: content.embeds, flags: onlyForOne, allowed_mentions },
    auth: false,
    signal,
  });
  if (told.ok) return ok(null);
  if (told.error.code !== "refused") return told;
  const isEarly = timeOf(press.interaction) + 5_000 > Date.now();
  return isEarly ? fail({ ...told.error, code: "unsent" }) : post(sending, channel, content);
};

/** The files of a message, by addresses of now. */
const openFiles = async (
  { call }: DiscordApi,
  files: readonly RemoteFile[],
  { isLast, ...source }: Pick<FileSource, "root" | "signal"> & { readonly isLast: boolean },
): ReturnType<Connection["openFiles"]> => {
  const there = new Map<string, DiscordFile>();
  for (const route of new Set(files.map(({ id }) => id.split("/").slice(0, 2).join("/messages/")))) {
    const asked = await call<DiscordMessage>("get", `/channels/${route}`);
    if (asked.ok) for (const file of asked.value.attachments ?? []) there.set(file.id, file);
    else if (["wait", "unsent", "unknown"].includes(asked.error.code)) return asked;
    else if (!isLast && !isGone(asked.error) && asked.error.number !== unknownMessage) return asked;
  }
  return ok(
    filesAt(files, ({ id }) => there.get(id.split("/").at(-1) ?? "")?.url, {
      ...source,
      title: "Discord",
      isHost: (hostname) => fileHosts.has(hostname),
      request: { redirect: "error" },
    }),
  );
};

/** Where Discord keeps files (https://docs.discord.com/developers/reference#signed-attachment-cdn-urls). */
const fileHosts: ReadonlySet<string> = new Set(["cdn.discordapp.com", "media.discordapp.net"]);
