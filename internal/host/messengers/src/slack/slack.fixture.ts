import type { ToChat } from "@gatehouse/channels";
import { messageTo } from "@gatehouse/channels/testing";
import type { MessengerBot } from "@gatehouse/data-folder";
import { onTestFinished } from "vitest";
import { messengerFixture, type MessengerFixture } from "../messenger.fixture.ts";
import { slackStandin, type SlackStandin } from "../testing/slack-standin.ts";
import { slack } from "./slack.ts";

/** A central database with the owner `slack:T1:U7`, and a bot at a stand-in of Slack. */
export type SlackFixture = MessengerFixture & { readonly api: SlackStandin };

export const slackFixture = async (
  options: Parameters<typeof slackStandin>[0] = {},
  more: { readonly callMs?: number } = {},
): Promise<SlackFixture> => {
  const api = await slackStandin(options);
  const fixture = await messengerFixture({
    messenger: slack,
    bot: botOf(api),
    root: api.url,
    ownerId: "slack:T1:U7",
    ...more,
  });
  onTestFinished(api.close);
  return { ...fixture, api };
};

/** The bot of a stand-in, as the data folder has it. */
export const botOf = ({ token, appToken }: SlackStandin): MessengerBot => ({
  type: "slack",
  bot: "",
  username: "gate",
  id: "T1:UBOT",
  token,
  more: { app: appToken },
});

/** A message of an agent to the chat of the owner. */
export const toOwner = (more: Partial<ToChat> = {}): ToChat => messageTo("slack:T1:D7", more);
