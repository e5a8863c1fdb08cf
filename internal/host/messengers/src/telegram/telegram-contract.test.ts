import { channelContract } from "@gatehouse/channels/testing";
import { expect } from "vitest";
import { eventually, sendsOf } from "../messenger.fixture.ts";
import { telegramFixture } from "./telegram.fixture.ts";

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
  const sends = sendsOf(fixture.central);
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
      const { platformMessageId, options } = await sends.card(cardId);
      const message = Number(platformMessageId);
      const index = options.findIndex(({ id }) => id === option);
      if (words === undefined) api.press({ message, data: `${cardId}:${index}` });
      else api.say({ text: words, replyTo: message });
    },
    seen: () =>
      sends.messages(
        api
          .seen()
          .filter(({ from }) => from.is_bot)
          .map(({ message_id: id, plain = "", reply_markup: markup, document }) => ({
            platformIds: [String(id)],
            text: plain,
            labels: (markup?.inline_keyboard ?? []).flat().map(({ text }) => text),
            file:
              document === undefined
                ? undefined
                : { name: document.file_name, text: api.fileText(document.file_id) },
          })),
      ),
  };
});
