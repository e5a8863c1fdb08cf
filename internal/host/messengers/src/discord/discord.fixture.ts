import type { ToChat } from "@gatehouse/channels";
import { messageTo } from "@gatehouse/channels/testing";
import type { MessengerBot } from "@gatehouse/data-folder";
import { onTestFinished } from "vitest";
import { messengerFixture, type MessengerFixture } from "../messenger.fixture.ts";
import { discordIds, discordStandin, type DiscordStandin } from "../testing/discord-standin.ts";
import { discord } from "./discord.ts";

/** The direct chat of the owner, and a channel of the server. */
export const directChat: string = `discord:@me:${discordIds.direct(7)}`;
export const hall: string = discordIds.channel(5);
export const hallChat: string = `discord:${discordIds.guild}:${hall}`;

/** A central database with the owner `discord:…07`, and a bot at a stand-in of Discord. */
export type DiscordFixture = MessengerFixture & { readonly api: DiscordStandin };

export const discordFixture = async (
  options: Parameters<typeof discordStandin>[0] = {},
): Promise<DiscordFixture> => {
  const api = await discordStandin(options);
  const fixture = await messengerFixture({
    messenger: discord,
    bot: botOf(api),
    root: api.url,
    ownerId: `discord:${discordIds.user(7)}`,
  });
  onTestFinished(api.close);
  return { ...fixture, api };
};

/** The bot of a stand-in, as the data folder has it. */
export const botOf = ({ token, id }: DiscordStandin): MessengerBot => ({
  type: "discord",
  bot: "",
  username: "gate",
  id,
  token,
});

/** A message of an agent to the chat of the owner. */
export const toOwner = (more: Partial<ToChat> = {}): ToChat => messageTo(directChat, more);
