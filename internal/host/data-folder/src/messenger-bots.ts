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
  /** Its further secrets, by the names that its messenger gives them. */
  readonly more?: Readonly<Record<string, string>>;
  /** The bot's id on the platform, the same for each of its tokens. Bots that were added before 0.2.0 have none. */
  readonly id?: string;
};

const isBot = (value: unknown): value is MessengerBot => {
  const {
    type,
    bot,
    username,
    token,
    id = "",
    more = {},
  } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const secrets = more !== null && typeof more === "object" ? Object.values(more) : [null];
  return [type, bot, username, token, id, ...secrets].every((each) => typeof each === "string");
};

/** The bots with their tokens. */
export const messengerBots: PrivateList<MessengerBot, Pick<MessengerBot, "type" | "bot">> = privateList({
  fileName: "messengers.json",
  isEntry: isBot,
  isNamed: (entry, { type, bot }) => entry.type === type && entry.bot === bot,
});
