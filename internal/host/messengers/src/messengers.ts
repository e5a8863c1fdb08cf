import type { Messenger } from "./messenger.ts";

/** A row of the table of messengers. */
export type MessengerRow = {
  /** The platform's name as people write it. */
  readonly title: string;
  /** The platform. Nothing of it is loaded before. */
  readonly load: () => Promise<Messenger>;
};

/** Messengers by their names in commands and in the database. */
export type MessengerTable = Readonly<Record<string, MessengerRow>>;

/** The messengers of this build. To add one, add its folder and a row: nothing else names it. */
export const messengers: MessengerTable = {
  telegram: { title: "Telegram", load: async () => (await import("./telegram/telegram.ts")).telegram },
  slack: { title: "Slack", load: async () => (await import("./slack/slack.ts")).slack },
  discord: { title: "Discord", load: async () => (await import("./discord/discord.ts")).discord },
};

/** Their names, as after `gatehouse channels add`. */
export const messengerTypes: readonly string[] = Object.keys(messengers);
