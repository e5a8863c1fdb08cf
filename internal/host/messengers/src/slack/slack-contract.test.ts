import { channelContract } from "@gatehouse/channels/testing";
import type { Card } from "@gatehouse/std";
import { expect } from "vitest";
import { eventually, slackFixture } from "./slack.fixture.ts";

channelContract("slack", async () => {
  const { api, open, central } = await slackFixture();
  const { db } = central;
  const rows = () => db.selectFrom("messenger_sends").selectAll().execute();
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
      return `slack:T1:D7:${api.say({ text, files })}`;
    },
    edit: (id, text) => void api.say({ text, edit: id.split(":").at(-1) ?? "" }),
    answer: async ({ cardId, option, words }) => {
      const row = (await rows()).find((each) => each.card_id === cardId);
      const card = JSON.parse(row?.card ?? "{}") as Card;
      const ts = row?.platform_message_id ?? "";
      const index = card.options.findIndex(({ id }) => id === option);
      if (words === undefined) api.press({ ts, value: `${cardId}:${index}` });
      else api.say({ text: words, thread: ts });
    },
    seen: async () => {
      const sent = await rows();
      const shown = new Map<
        string,
        { id: string; text: string; card: Card | null; files: { name: string; text: string }[] }
      >();
      for (const { ts, user, text, buttons, file } of api.seen()) {
        if (user !== "UBOT") continue;
        const row = sent.find(({ platform_message_id: id }) => id === ts || id === file?.id);
        const id = row?.message_id ?? `unknown-${ts}`;
        const one = shown.get(id) ?? { id, text: "", card: null, files: [] };
        shown.set(id, one);
        one.text += text;
        if (row?.card !== null && row?.card !== undefined) {
          one.card = JSON.parse(row.card) as Card;
          expect(buttons.map((each) => each.text)).toEqual(one.card.options.map(({ label }) => label));
        }
        if (file !== undefined) one.files.push({ name: file.name, text: file.text });
      }
      return [...shown.values()];
    },
  };
});
