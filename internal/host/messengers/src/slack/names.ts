import { handleIn } from "@gatehouse/std";

/** The platform id of a chat, or the id of a user, of a workspace. */
export const idOf = (team: string, id: string): string => `slack:${team}:${id}`;

/** A channel, a private channel or a direct chat (https://docs.slack.dev/reference/objects/conversation-object). */
const chatForm = /^[CGD][A-Z0-9]{1,20}$/;

/** The chat in a platform id of this workspace; null in any other text. */
export const chatIn = (team: string, platformId: string): string | null => {
  const [kind, of, id = "", ...more] = platformId.split(":");
  return kind === "slack" && of === team && more.length === 0 && chatForm.test(id) ? id : null;
};

/** The person of this workspace in a user's id; null for any other text. */
export const userIn = (team: string, userId: string): string | null => {
  const [of, user = ""] = handleIn("slack", userId)?.split(":") ?? [];
  return of === team ? user : null;
};

/** The id of a bot: its workspace and its user there. */
export const botId = (team: string, user: string): string => `${team}:${user}`;

export type Bot = {
  /** The workspace. */
  readonly team: string;
  /** The bot's user. */
  readonly user: string;
};

export const botOf = (id: string): Bot => {
  const [team = "", user = ""] = id.split(":");
  return { team, user };
};

/** The ids of updates: two bots in a channel hear the same message, and each has its own. */
export const messageId = ({ team, user }: Bot, channel: string, ts: string): string =>
  `slack:${team}:${user}:${channel}:${ts}`;
export const pressId = (bot: Bot, channel: string, person: string, at: string): string =>
  messageId(bot, channel, `q:${person}:${at}`);

/** The person in the id of a press; null for any other id. */
export const presserIn = (id: string): string | null =>
  /^slack:[^:]+:[^:]+:[^:]+:q:([^:]+):/.exec(id)?.[1] ?? null;
