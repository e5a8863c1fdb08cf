import { join } from "node:path";
import {
  type PrivateFile,
  readPrivate,
  removePrivate,
  type SecretsError,
  setPrivate,
} from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";

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

/** The file of the bots' tokens. Only the host's account may read it. */
export const messengerBotsFileIn = (dataDir: string): string => join(dataDir, "messengers.json");

/** Reads the bots; none if there is no file. */
export const readMessengerBots = (dataDir: string): Promise<Result<readonly MessengerBot[], SecretsError>> =>
  readPrivate(botsIn(dataDir));

/** Sets the token of a bot. A bot of the same name is replaced. False if nothing changed. */
export const setMessengerBot = (dataDir: string, bot: MessengerBot): Promise<Result<boolean, SecretsError>> =>
  setPrivate(botsIn(dataDir), bot);

/** Removes a bot. False if there was none. */
export const removeMessengerBot = (dataDir: string, named: Named): Promise<Result<boolean, SecretsError>> =>
  removePrivate(botsIn(dataDir), named);

type Named = Pick<MessengerBot, "type" | "bot">;

const isBot = (value: unknown): value is MessengerBot => {
  const { type, bot, username, token } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [type, bot, username, token].every((each) => typeof each === "string");
};

const botsIn = (dataDir: string): PrivateFile<MessengerBot, Named> => ({
  ...{ file: messengerBotsFileIn(dataDir), isEntry: isBot },
  isNamed: (entry, { type, bot }) => entry.type === type && entry.bot === bot,
});
