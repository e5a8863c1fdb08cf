import { describe, expect, test } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { telegramFixture } from "./telegram.fixture.ts";

const bot = { id: 42, is_bot: true, first_name: "Gate" };
const bo = { id: 8, is_bot: false, first_name: "Bo", last_name: "Lee" };
const channel = { id: -1009, type: "channel", title: "News" };
const photo = [{ file_id: "p", file_unique_id: "p", width: 1, height: 1 }];

describe("what a message refers to", () => {
  test.for([
    {
      what: "a reply to the bot, with the part that is meant",
      said: {
        text: "what does this mean?",
        reply_to_message: { message_id: 1, from: bot, text: "The build broke: a missing key" },
        quote: { text: "missing key", position: 19 },
      },
      is: {
        text: "what does this mean?",
        quoted: [
          {
            how: "replied-to",
            sender: "the bot of this chat",
            userId: null,
            text: "The build broke: a missing key",
            part: "missing key",
          },
        ],
      },
    },
    {
      what: "a reply to another person's photo",
      said: { text: "what is this?", reply_to_message: { message_id: 1, from: bo, photo, caption: "look" } },
      is: {
        quoted: [{ how: "replied-to", sender: "Bo Lee", userId: "telegram:8", text: "[a photo]\nlook" }],
      },
    },
    {
      what: "a reply to what another person has forwarded",
      said: {
        text: "true?",
        reply_to_message: {
          message_id: 1,
          from: bo,
          text: "sold",
          forward_origin: { type: "channel", chat: channel },
        },
      },
      is: { quoted: [{ sender: "News, forwarded by Bo Lee", userId: null, text: "sold" }] },
    },
    {
      what: "a reply to a message of another chat",
      said: {
        text: "and this?",
        external_reply: {
          origin: { type: "hidden_user", sender_user_name: "Eve" },
          poll: { question: "When?", options: [{ text: "Now", voter_count: 0 }] },
        },
      },
      is: { quoted: [{ how: "replied-to", sender: "Eve", userId: null, text: "[a poll: When?\n- Now]" }] },
    },
    {
      what: "a reply to a part of a message of another chat",
      said: {
        text: "and this?",
        external_reply: { origin: { type: "chat", sender_chat: channel, author_signature: "Jo" } },
        quote: { text: "free", position: 0 },
      },
      is: { quoted: [{ how: "replied-to", sender: "Jo of News", userId: null, text: "", part: "free" }] },
    },
    {
      what: "a reply to a story",
      said: { text: "nice", reply_to_story: { chat: channel, id: 5 } },
      is: { quoted: [{ sender: "News", text: "[a story of News, which bots cannot read]" }] },
    },
    {
      what: "a forwarded text",
      said: {
        text: "Delete the old backups.",
        forward_origin: { type: "user", sender_user: bo },
      },
      is: {
        text: "",
        quoted: [
          { how: "forwarded", sender: "Bo Lee", userId: "telegram:8", text: "Delete the old backups." },
        ],
      },
    },
    {
      what: "a long text of another person is cut",
      said: { text: "hm", reply_to_message: { message_id: 1, from: bo, text: "x".repeat(5_000) } },
      is: { quoted: [{ text: `${"x".repeat(4_095)}…` }] },
    },
  ])("$what", async ({ said, is }) => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.sayRaw(said);
    await eventually(() => expect(received).toMatchObject([is]));
  });

  test.for(["/start", "/stop", "approve f394"])(
    "a forwarded %s is no order and no answer to a card",
    async (text) => {
      const { api, started } = await telegramFixture();
      const { received } = await started();
      api.sayRaw({ text, forward_origin: { type: "user", sender_user: bo } });
      await eventually(() => expect(received).toMatchObject([{ text: "", quoted: [{ text }] }]));
      expect(api.seen().filter(({ from }) => from.is_bot)).toEqual([]);
    },
  );
});

describe("in a group", () => {
  const inTopic = { from: bo, is_topic_message: true, message_thread_id: 70, text: "lunch at noon?" };

  test.for([
    {
      what: "the first message of a topic, which the bot has made,",
      said: { ...inTopic, reply_to_message: { message_id: 70, from: bot, forum_topic_created: {} } },
    },
    {
      what: "that message without its kind",
      said: { ...inTopic, reply_to_message: { message_id: 70, from: bot } },
    },
  ])("$what is no message to reply to", async ({ said }) => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.sayRaw(said, -100);
    await eventually(() => expect(received).toMatchObject([{ isMention: false, threadId: "70" }]));
    expect(received[0]?.quoted).toBeUndefined();
  });

  test("a reply to a notice about the chat, which the bot has caused, is not to the bot", async () => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.sayRaw({ text: "ok", reply_to_message: { message_id: 3, from: bot, pinned_message: {} } }, -100);
    await eventually(() => expect(received).toMatchObject([{ isMention: false }]));
  });

  test.for([
    {
      what: "a reply to the bot in a topic",
      said: { ...inTopic, reply_to_message: { message_id: 75, from: bot, text: "hi" } },
    },
    {
      what: "a reply to the bot in a chain of replies without topics",
      said: {
        text: "ok",
        message_thread_id: 75,
        reply_to_message: { message_id: 75, from: bot, text: "hi" },
      },
    },
  ])("$what is to the bot", async ({ said }) => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.sayRaw(said, -100);
    await eventually(() => expect(received).toMatchObject([{ isMention: true, quoted: [{ text: "hi" }] }]));
  });
});

describe("a message of which Telegram does not say who has written it", () => {
  const entities = [{ type: "mention", offset: 0, length: 9 }];
  const anonymous = { id: 1087968824, is_bot: true, first_name: "Group" };
  const asChannel = { id: 136817688, is_bot: true, first_name: "Channel" };
  const telegram = { id: 777000, is_bot: false, first_name: "Telegram" };
  const group = { id: -100, type: "supergroup", title: "Family" };

  test.for([
    { why: "an anonymous admin has written it", said: { from: anonymous, sender_chat: group }, isTold: true },
    {
      why: "a person has written it as a channel",
      said: { from: asChannel, sender_chat: channel },
      isTold: true,
    },
    {
      why: "a person has written it as a channel",
      said: { from: telegram, sender_chat: channel, is_automatic_forward: true },
      isTold: false,
    },
    { why: "a bot has written it", said: { from: { ...bot, id: 9 } }, isTold: false },
  ])(
    "reaches no agent, the log says why, and the chat reads it: $why, $isTold",
    async ({ why, said, isTold }) => {
      const { api, started, logged } = await telegramFixture();
      const { received } = await started();
      api.sayRaw({ text: "@gate_bot five", entities, ...said }, -100);
      api.sayRaw({ text: "not to the bot", ...said }, -100);
      api.sayRaw({ text: "last" }, -100);
      await eventually(() => expect(received.map(({ text }) => text)).toEqual(["last"]));
      const dropped = { event: "message-dropped", fields: { channel: "telegram", reason: why } };
      expect(logged).toMatchObject([dropped, dropped]);
      const told = api.seen(-100).flatMap(({ plain }) => plain ?? []);
      expect(told).toEqual(isTold ? [expect.stringContaining(why)] : []);
    },
  );
});
