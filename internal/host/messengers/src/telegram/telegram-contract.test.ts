import type { SeenMessage } from "../testing/telegram-standin.ts";
import { channelContract } from "@gatehouse/channels/testing";
import type { Card } from "@gatehouse/std";
import { expect } from "vitest";
import { eventually, telegramFixture } from "./telegram.fixture.ts";

channelContract("telegram", async () => {
  const fixture = await telegramFixture();
  const { api, open } = fixture;
  const { db } = fixture.central;
  const idOf = (message: number): string => `telegram:42:7:${message}`;
  // The person has a chat with the bot once it has received something.
  api.say({ text: "hello" });
  const greeted = open();
  const heard: string[] = [];
  await greeted.start(async ({ text }) => void heard.push(text));
  await eventually(() => expect(heard).toEqual(["hello"]));
  await greeted.close();
  const rows = () => db.selectFrom("messenger_sends").selectAll().execute();
  const cardIn = ({ reply_markup: markup }: SeenMessage, json: string | null | undefined): Card | null => {
    const buttons = markup?.inline_keyboard ?? [];
    if (json === null || json === undefined) return null;
    const card = JSON.parse(json) as Card;
    expect(buttons.flat().map(({ text }) => text)).toEqual(card.options.map(({ label }) => label));
    return card;
  };
  return {
    open,
    db,
    userId: "telegram:7",
    platformId: "telegram:7",
    strangerId: "telegram:99",
    say: async (text, files = []) => {
      const said = api.say({ text, files });
      return files.length > 1 ? `telegram:42:7:g:g${said}` : idOf(said);
    },
    edit: (id, text) => void api.say({ text, edit: Number(id.split(":").at(-1)) }),
    answer: async ({ cardId, option, words }) => {
      const row = (await rows()).find((each) => each.card_id === cardId);
      const card = JSON.parse(row?.card ?? "{}") as Card;
      const message = Number(row?.platform_message_id);
      const index = card.options.findIndex(({ id }) => id === option);
      if (words === undefined) api.press({ message, data: `${cardId}:${index}` });
      else api.say({ text: words, replyTo: message });
    },
    seen: async () => {
      const sent = await rows();
      const shown = new Map<
        string,
        { id: string; text: string; card: Card | null; files: { name: string; text: string }[] }
      >();
      for (const message of api.seen().filter(({ from }) => from.is_bot)) {
        const row = sent.find((each) => each.platform_message_id === String(message.message_id));
        const id = row?.message_id ?? `unknown-${message.message_id}`;
        const one = shown.get(id) ?? { id, text: "", card: null, files: [] };
        shown.set(id, one);
        one.text += message.plain ?? "";
        one.card ??= cardIn(message, row?.card);
        if (message.document !== undefined)
          one.files.push({ name: message.document.file_name, text: api.fileText(message.document.file_id) });
      }
      return [...shown.values()];
    },
  };
});
