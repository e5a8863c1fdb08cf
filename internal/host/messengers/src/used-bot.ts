import type { ChannelHost } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import type { BotKey } from "./inbox/poll-lease.ts";
import type { Connection, Messenger } from "./messenger.ts";

/** The parts of a host that the channel of a messenger needs. */
export type MessengerHost = Omit<ChannelHost, "dataDir">;

/** A bot that a host uses. */
export type UsedBot = {
  readonly host: MessengerHost;
  readonly messenger: Messenger;
  readonly bot: MessengerBot;
  readonly key: BotKey;
  readonly connection: Connection;
  /** First wait after a failure, ms; doubled each time. */
  readonly retryMs: number;
};
