import { stat } from "node:fs/promises";
import type { Channel, ChannelHost } from "@gatehouse/channels";
import { type MessengerBot, messengerBots } from "@gatehouse/data-folder";
import { pause } from "@gatehouse/fs-kit";
import { fail, systemCode } from "@gatehouse/std";
import type { MessengerChannel, MessengerOptions } from "./messenger-channel.ts";
import { messengers, type MessengerRow, type MessengerTable } from "./messengers.ts";

type Options = Pick<MessengerOptions, "retryMs"> & {
  /** The addresses of the platforms by their names; only tests have others. */
  readonly roots?: Readonly<Record<string, string>> | undefined;
  /** The messengers; only tests have others. */
  readonly table?: MessengerTable;
  /** Time between two looks at the file of the bots, ms. */
  readonly lookMs?: number;
};

/**
 * A channel for each messenger. It follows the bots of the data folder: `gatehouse channels add` and `remove` take effect in
 * a running host. Without a bot nothing more of this room is loaded.
 */
export const messengerChannels = ({ table = messengers, roots = {}, ...options }: Options = {}): readonly ((
  host: ChannelHost,
) => Channel)[] =>
  Object.entries(table).map(
    ([type, row]) =>
      (host) =>
        followingChannel({ type, ...row }, host, { ...options, root: roots[type] }),
  );

type Receive = Parameters<Channel["start"]>[0];

const followingChannel = (
  { type, load }: MessengerRow & { readonly type: string },
  host: ChannelHost,
  { lookMs = 10_000, ...options }: MessengerOptions & Pick<Options, "lookMs">,
): Channel => {
  const closing = new AbortController();
  const { signal } = closing;
  const file = messengerBots.fileIn(host.dataDir);
  let opened: MessengerChannel | null = null;
  let seen = "";
  let following = Promise.resolve();

  const look = async (receive: Receive): Promise<void> => {
    const version = await versionOf(file);
    if (version === seen) return;
    const bots = await messengerBots.read(host.dataDir);
    if (!bots.ok) {
      seen = version;
      const reason = `The bots cannot be read, so they stay as they were: ${bots.error.detail}`;
      return host.log("messenger-trouble", { channel: type, bot: "", reason });
    }
    const own = bots.value.filter((bot) => bot.type === type);
    if (opened !== null) await opened.use(own);
    else if (own.length > 0) opened = await started(own, receive);
    seen = version;
  };
  const started = async (bots: readonly MessengerBot[], receive: Receive): Promise<MessengerChannel> => {
    const [{ messengerChannel }, messenger] = await Promise.all([import("./messenger-channel.ts"), load()]);
    const channel = messengerChannel(messenger, host, options);
    await channel.use(bots);
    await channel.start(receive);
    return channel;
  };
  const noBot = fail({ code: "no-such-chat", message: `This host has no bot for ${type}.` } as const);
  return {
    type,
    start: async (receive) => {
      await look(receive);
      const follow = async (): Promise<void> => {
        for (;;) {
          await pause(lookMs, signal);
          if (signal.aborted) return;
          await look(receive).catch(host.report);
        }
      };
      following = follow();
    },
    send: async (message) => opened?.send(message) ?? noBot,
    writing: (writing) => opened?.writing?.(writing),
    ended: async (message) => opened?.ended(message),
    claim: async (transaction, id) => (await opened?.claim(transaction, id)) ?? true,
    hold: async (...message) => (await opened?.hold(...message)) ?? "claimed",
    questionsAnswered: async () => opened?.questionsAnswered(),
    directChat: async (userId, stored) => opened?.directChat(userId, stored) ?? null,
    close: async () => {
      closing.abort();
      await following;
      await opened?.close();
    },
  };
};

/** Differs after each change: the file is replaced as a whole. Empty without a file. */
const versionOf = async (file: string): Promise<string> => {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    systemCode(error);
    return "";
  }
};
