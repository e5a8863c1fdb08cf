import type { ToChat } from "@gatehouse/channels";
import { messageTo } from "@gatehouse/channels/testing";
import type { MessengerBot } from "@gatehouse/data-folder";
import { onTestFinished } from "vitest";
import { messengerFixture, type MessengerFixture } from "../messenger.fixture.ts";
import { telegramStandin, type TelegramStandin } from "../testing/telegram-standin.ts";
import { telegram } from "./telegram.ts";

/** A central database with the owner `telegram:7`, and a bot at a stand-in of Telegram. */
export type TelegramFixture = MessengerFixture & { readonly api: TelegramStandin };

export const telegramFixture = async (): Promise<TelegramFixture> => {
  const api = await telegramStandin();
  const fixture = await messengerFixture({
    messenger: telegram,
    bot: botOf(api),
    root: api.url,
    ownerId: "telegram:7",
  });
  onTestFinished(api.close);
  return { ...fixture, api };
};

/** The bot of a stand-in, as the data folder has it. */
export const botOf = ({ username, token }: TelegramStandin, bot = ""): MessengerBot => ({
  type: "telegram",
  bot,
  username,
  token,
});

/** A message of an agent to the chat of the owner. */
export const toOwner = (more: Partial<ToChat> = {}): ToChat => messageTo("telegram:7", more);
