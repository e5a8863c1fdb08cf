import { type PrivateList, privateList } from "@gatehouse/fs-kit";

/** A bot through which people write to this host from a messenger. */
export type MessengerBot = {
  /** The messenger: `telegram`. */
  readonly type: string;
  /** The bot's name on this host; empty for the first one. It is the `instance` of the bot's chats. */
  readonly bot: string;
  /** The bot's name on the platform. */
  readonly username: string;
  readonly token: string;
};

const isBot = (value: unknown): value is MessengerBot => {
  const { type, bot, username, token } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [type, bot, username, token].every((each) => typeof each === "string");
};

/** The bots with their tokens. */
export const messengerBots: PrivateList<MessengerBot, Pick<MessengerBot, "type" | "bot">> = privateList({
  fileName: "messengers.json",
  isEntry: isBot,
  isNamed: (entry, { type, bot }) => entry.type === type && entry.bot === bot,
});
