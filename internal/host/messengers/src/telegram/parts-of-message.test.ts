import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { telegramFixture } from "./telegram.fixture.ts";

const named = "@gate_bot ";
const entities = [{ type: "mention", offset: 0, length: 9 }];
const bo = { id: 8, is_bot: false, first_name: "Bo" };
const date = 1_700_000_000;
const file = (name: string) => ({ document: { file_id: name, file_unique_id: name, file_name: name } });

/** What people write while no host runs. */
const written = async (
  messages: readonly Readonly<Record<string, unknown>>[],
  chat: number,
): Promise<readonly object[]> => {
  const { api, started } = await telegramFixture();
  for (const message of messages) api.sayRaw({ date, ...message }, chat);
  api.sayRaw({ date: date + 60, text: "last" }, chat);
  const { received } = await started();
  await eventually(() => expect(received.at(-1)?.text).toBe("last"));
  return received.slice(0, -1);
};

describe("a text that an app has split", () => {
  const [first, rest] = ["a".repeat(4_096 - named.length), "b".repeat(1_900)];

  test("is one message in a direct chat", async () => {
    const is = await written([{ text: "a".repeat(4_096) }, { text: rest }], 7);
    expect(is).toMatchObject([{ text: "a".repeat(4_096) + rest }]);
  });

  test("names the bot in a group with its first part, also if another person writes in between", async () => {
    const is = await written(
      [{ text: named + first, entities }, { text: "hm", from: bo }, { text: rest }],
      -100,
    );
    expect(is).toMatchObject([
      { text: named + first + rest, isMention: true },
      { text: "hm", isMention: false },
    ]);
  });

  test.for([
    { what: "another person's message", next: { text: "b", from: bo } },
    { what: "a message of a minute later", next: { text: "b", date: date + 59 } },
    { what: "an order", next: { text: "/stop" } },
    { what: "a message in another topic", next: { text: "b", is_topic_message: true, message_thread_id: 5 } },
  ])("does not take $what for its rest", async ({ next }) => {
    const is = await written([{ text: "a".repeat(4_096) }, next], -100);
    expect(is).toMatchObject([{ text: "a".repeat(4_096) }, { text: next.text }]);
  });

  test("waits for its rest", async () => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.say({ text: "a".repeat(4_000) });
    await eventually(() => expect(api.pending()).toEqual([]));
    api.say({ text: "b" });
    await eventually(() => expect(received).toMatchObject([{ text: `${"a".repeat(4_000)}\nb` }]));
  });
});

describe("a comment and what it forwards", () => {
  const forward = { forward_origin: { type: "user", sender_user: bo } };

  test.for([
    { what: "apart stay apart", isApart: true, texts: ["true?", ""] },
    { what: "at once stay one message", isApart: false, texts: ["true?"] },
  ])("that came $what while they wait for an answer", async ({ isApart, texts }) => {
    const { api, central, started } = await telegramFixture();
    const { db } = central;
    await addRow(db, "pending_approvals", { approval_id: "ap-1", session_id: null, status: "pending" });
    const { channel, received } = await started(async (message) => {
      if (message.waitsFor === undefined) await channel.hold(db, message, { approvalId: "ap-1", most: 21 });
    });
    api.sayRaw({ date, text: "true?" });
    if (isApart) await eventually(() => expect(received).toHaveLength(1));
    api.sayRaw({ date, text: "one", ...forward });
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(texts));
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    await channel.questionsAnswered();
    await eventually(() => expect(received).toHaveLength(2 * texts.length));
    const [first, again] = [received.slice(0, texts.length), received.slice(texts.length)];
    expect(again).toEqual(first.map((message) => ({ ...message, waitsFor: "ap-1" })));
  });

  test("are one message, which the comment names the bot in", async () => {
    const is = await written(
      [
        { text: `${named}true?`, entities },
        { text: "one", ...forward },
        { ...file("a.txt"), caption: "two", ...forward },
      ],
      -100,
    );
    expect(is).toMatchObject([
      {
        text: expect.stringMatching(/^@gate_bot true\?\n\[the file a.txt was left out/),
        isMention: true,
        quoted: [
          { how: "forwarded", sender: "Bo", text: "one" },
          { how: "forwarded", sender: "Bo", text: "[a file: a.txt]\ntwo" },
        ],
      },
    ]);
  });

  test("are two messages if the first is an order, or a minute lies between them", async () => {
    const is = await written(
      [{ text: "/cost" }, { text: "one", ...forward }, { text: "x", date: date + 60, ...forward }],
      7,
    );
    expect(is).toMatchObject([{ text: "/cost" }, { quoted: [{ text: "one" }] }, { quoted: [{ text: "x" }] }]);
  });
});

describe("an album", () => {
  const part = (name: string, caption?: string) => ({
    ...file(name),
    media_group_id: "g",
    ...(caption === undefined ? {} : { caption, caption_entities: entities }),
  });

  test("names the bot with a caption of any of its files", async () => {
    const is = await written([part("a"), part("b"), part("c", `${named}compare`)], -100);
    expect(is).toMatchObject([{ text: expect.stringMatching(/^@gate_bot compare/), isMention: true }]);
  });

  test("keeps all its files if another message stands between them, and each caption names its file", async () => {
    const is = await written([part("a", "first half"), { text: "in between" }, part("b", "second half")], 7);
    expect(is).toMatchObject([
      { text: expect.stringMatching(/^a: first half\nb: second half/) },
      { text: "in between" },
    ]);
    expect(JSON.stringify(is[0])).toContain("b was left out");
  });

  test("keeps the parts beyond the first read of the inbox", async () => {
    const others = Array.from({ length: 25 }, (_, at) => ({ text: `n ${at}` }));
    const is = await written([part("a", "first"), ...others, part("b", "second")], 7);
    expect(is).toHaveLength(26);
    expect(is[0]).toMatchObject({ text: expect.stringMatching(/^a: first\nb: second/) });
  });
});
