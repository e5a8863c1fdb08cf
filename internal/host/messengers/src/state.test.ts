import { temporaryFolder } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { expect, test } from "vitest";
import { botOf as discordBot, discordFixture } from "./discord/discord.fixture.ts";
import { eventually, type MessengerFixture } from "./messenger.fixture.ts";
import { botOf as slackBot, slackFixture } from "./slack/slack.fixture.ts";
import { botStates, botText } from "./state.ts";

const always = { kind: "error", times: 1_000 } as const;

const inTrouble = [
  {
    by: "no network to Slack",
    says: "Slack cannot be reached (ECONNREFUSED). To mend it, let this machine reach https://slack.com",
    prepared: async () => {
      const fixture = await slackFixture();
      await fixture.api.close();
      return { fixture, bot: slackBot(fixture.api) };
    },
  },
  {
    by: "Slack",
    says: "Slack says: invalid_auth. To mend it, give its secrets again: gatehouse channels add slack",
    prepared: async () => {
      const fixture = await slackFixture();
      fixture.api.fault({ ...always, method: "apps.connections.open", error: "invalid_auth" });
      return { fixture, bot: slackBot(fixture.api) };
    },
  },
  {
    by: "Discord's API",
    says: "Discord says: No. (0). To mend it, give its secrets again: gatehouse channels add discord",
    prepared: async () => {
      const fixture = await discordFixture();
      fixture.api.fault({ ...always, route: "GET /gateway/bot", status: 401 });
      return { fixture, bot: discordBot(fixture.api) };
    },
  },
  {
    by: "Discord's gateway, by 4004",
    says: "Discord refuses the bot's token (4004). To mend it, give its secrets again: gatehouse channels add discord",
    prepared: async () => {
      const fixture = await discordFixture({ refuses: 4004 });
      return { fixture, bot: discordBot(fixture.api) };
    },
  },
  {
    by: "Discord's gateway, by 4014",
    says: "Discord says: Disallowed intent(s) (4014). To mend it, switch Message Content Intent on",
    prepared: async () => {
      const fixture = await discordFixture({ hasIntent: false });
      return { fixture, bot: discordBot(fixture.api) };
    },
  },
];

test.for(inTrouble)(
  "a bot that hears nothing by $by is shown so, with the fix",
  async ({ says, prepared }) => {
    const { fixture, bot }: { fixture: MessengerFixture; bot: Parameters<typeof messengerBots.set>[1] } =
      await prepared();
    const dataDir = temporaryFolder();
    await messengerBots.set(dataDir, bot);
    await fixture.started();
    await eventually(async () => {
      const [state] = await botStates(dataDir, fixture.central.db);
      const text = state === undefined ? "" : botText(state);
      expect(text).toContain(`process 12 tries to receive its messages. ${says}`);
      expect(text).not.toContain("nothing received yet");
    });
  },
);
