/** The platform id of a chat, or the id of a user, of a workspace. */
export const idOf = (team: string, id: string): string => `slack:${team}:${id}`;

/** The id in a platform id of this workspace; null in any other text. */
export const idIn = (team: string, platformId: string, form: RegExp): string | null => {
  const [kind, of, id = "", ...more] = platformId.split(":");
  return kind === "slack" && of === team && more.length === 0 && form.test(id) ? id : null;
};

/** A channel, a private channel or a direct chat (https://docs.slack.dev/reference/objects/conversation-object). */
export const chatForm: RegExp = /^[CGD][A-Z0-9]{1,20}$/;

export const userForm: RegExp = /^[UW][A-Z0-9]{1,20}$/;

/** The id of a bot: its workspace and its user there. */
export const botId = (team: string, user: string): string => `${team}:${user}`;

export type Workspace = {
  readonly team: string;
  /** The bot's user. */
  readonly user: string;
};

export const workspaceOf = (id: string): Workspace => {
  const [team = "", user = ""] = id.split(":");
  return { team, user };
};
