/** An id of Discord: a number of 64 bits (https://docs.discord.com/developers/reference#snowflakes). */
const idForm = /^\d{1,20}$/;

/** The platform id of a chat: of a server's channel, or of a direct chat. Chats that nanoclaw wrote have this form, too. */
export const chatOf = (guild: string | null, channel: string): string =>
  `discord:${guild ?? "@me"}:${channel}`;

/** A chat: its server, which is null for a direct chat, and its channel. */
export type DiscordChat = { readonly guild: string | null; readonly channel: string };

/** The chat of a platform id; null in any other text. */
export const chatIn = (platformId: string): DiscordChat | null => {
  const [kind, guild = "", channel = "", ...more] = platformId.split(":");
  if (kind !== "discord" || more.length > 0 || !idForm.test(channel)) return null;
  if (guild === "@me") return { guild: null, channel };
  return idForm.test(guild) ? { guild, channel } : null;
};

export const userOf = (user: string): string => `discord:${user}`;

/** The id of a bot: its application and its user, which are the same number for newer ones. */
export const botId = (application: string, user: string): string => `${application}:${user}`;

export type Bot = { readonly application: string; readonly user: string };

export const botOf = (id: string): Bot => {
  const [application = "", user = ""] = id.split(":");
  return { application, user };
};

/** The ids of updates. That of a message has the channel in which it is: a thread is a channel. */
export const messageId = ({ user }: Bot, channel: string, message: string): string =>
  `discord:${user}:${channel}:${message}`;
export const pressId = ({ user }: Bot, channel: string, interaction: string): string =>
  `discord:${user}:${channel}:q:${interaction}`;

/** The message of Discord in the id of an update, also of a change; null for any other id. */
export const messageIn = (id: string): { readonly channel: string; readonly message: string } | null => {
  const [, channel, message] = /^discord:\d+:(\d+):(\d+)(?::e:.*)?$/.exec(id) ?? [];
  return channel === undefined || message === undefined ? null : { channel, message };
};

/** The interaction in the id of a press; null for any other id. */
export const interactionIn = (id: string): string | null => /^discord:\d+:\d+:q:(\d+)$/.exec(id)?.[1] ?? null;

/** The first ms of Discord's ids. */
const epochMs = 1_420_070_400_000;

/** The first id of a time, ms since 1970. */
export const firstIdAt = (ms: number): bigint => BigInt(Math.max(0, Math.floor(ms) - epochMs)) << 22n;

/** The time of an id, ms since 1970. */
export const timeOf = (id: string): number => Number(BigInt(id) >> 22n) + epochMs;
