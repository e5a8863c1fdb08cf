import { channelContract } from "@gatehouse/channels/testing";
import { expect } from "vitest";
import { eventually, sendsOf } from "../messenger.fixture.ts";
import { discordIds } from "../testing/discord-standin.ts";
import { directChat, discordFixture } from "./discord.fixture.ts";

channelContract("discord", async () => {
  const { api, open, central } = await discordFixture();
  const { db } = central;
  const sends = sendsOf(central);
  // What is said before the bot is added is for nobody: a first host begins with it. It knows the direct chat from then on.
  const first = open();
  await first.start(() => Promise.resolve());
  const isHeard = () => eventually(() => expect(api.sockets()).toBe(1));
  await isHeard();
  await eventually(async () =>
    expect(await db.selectFrom("messenger_bots").selectAll().execute()).not.toEqual([]),
  );
  await first.close();
  await eventually(() => expect(api.sockets()).toBe(0));
  return {
    open,
    db,
    userId: `discord:${discordIds.user(7)}`,
    platformId: directChat,
    strangerId: `discord:${discordIds.user(99)}`,
    say: async (text, files = []) => {
      // A message that is changed before a host hears Discord has only its last text there.
      await isHeard();
      return `discord:${api.bot}:${discordIds.direct(7)}:${api.say({ text, files })}`;
    },
    edit: (id, text) => void api.say({ text, edit: id.split(":").at(-1) ?? "" }),
    answer: async ({ cardId, option, words }) => {
      const { platformMessageId: message, options } = await sends.card(cardId);
      const index = options.findIndex(({ id }) => id === option);
      if (words === undefined) api.press({ message, data: `${cardId}:${index}` });
      else api.say({ text: words, reply: message });
    },
    seen: () =>
      sends.messages(
        api
          .seen()
          .filter(({ user }) => user === api.bot)
          .map(({ id, text, buttons, file }) => ({
            platformIds: [id],
            text,
            labels: buttons.map(({ label }) => label),
            file,
          })),
      ),
  };
});
