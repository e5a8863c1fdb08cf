import { channelContract } from "@gatehouse/channels/testing";
import { expect } from "vitest";
import { eventually, sendsOf } from "../messenger.fixture.ts";
import { slackFixture } from "./slack.fixture.ts";

channelContract("slack", async () => {
  const { api, open, central } = await slackFixture();
  const { db } = central;
  const sends = sendsOf(central);
  // What is said before the bot is added is for nobody: a first host begins with it.
  const first = open();
  await first.start(() => Promise.resolve());
  await eventually(() => expect(api.sockets()).toBe(1));
  await eventually(async () =>
    expect(await db.selectFrom("messenger_bots").selectAll().execute()).not.toEqual([]),
  );
  await first.close();
  await eventually(() => expect(api.sockets()).toBe(0));
  return {
    open,
    db,
    userId: "slack:T1:U7",
    platformId: "slack:T1:D7",
    strangerId: "slack:T1:U99",
    say: async (text, files = []) => {
      // A message that is changed before a host hears Slack has only its last text there.
      await eventually(() => expect(api.sockets()).toBe(1));
      return `slack:T1:UBOT:D7:${api.say({ text, files })}`;
    },
    edit: (id, text) => void api.say({ text, edit: id.split(":").at(-1) ?? "" }),
    answer: async ({ cardId, option, words }) => {
      const { platformMessageId: ts, options } = await sends.card(cardId);
      const index = options.findIndex(({ id }) => id === option);
      if (words === undefined) api.press({ ts, value: `${cardId}:${index}` });
      else api.say({ text: words, thread: ts });
    },
    seen: () =>
      sends.messages(
        api
          .seen()
          .filter(({ user }) => user === "UBOT")
          .map(({ ts, text, buttons, file }) => ({
            platformIds: [ts, file?.id ?? ts],
            text,
            labels: buttons.map((each) => each.text),
            file,
          })),
      ),
  };
});
