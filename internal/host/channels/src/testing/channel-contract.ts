import { describe, expect, test, vi } from "vitest";
import type { Card } from "@gatehouse/std";
import type { NoteSent } from "../channel.ts";
import { attachments } from "./attachment-cases.ts";
import { waitsForAnswers } from "./waiting-cases.ts";
import { started, receiver, messageTo, type MakeBench } from "./channel-bench.ts";

/** Waits until a check passes. A busy machine may take seconds. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check);

const intake = (bench: MakeBench): void => {
  test("hands over a person's message once, with its sender and chat", async () => {
    const { open, say, userId, platformId } = await bench();
    const { messages, receive } = receiver();
    const channel = await started(open(), receive);
    const id = await say("ping");
    await eventually(() => expect(messages).toHaveLength(1));
    const from = { id, channelType: channel.type, platformId, userId, text: "ping", isDirect: true };
    expect(messages[0]).toMatchObject(from);
    expect(Number.isNaN(Date.parse(messages[0]?.at ?? ""))).toBe(false);
  });

  test("hands over a changed message as another one, which names the one that it replaces", async ({
    skip,
  }) => {
    const { open, say, edit } = await bench();
    if (edit === null) return skip("people cannot change a message here");
    const { messages, receive } = receiver();
    await started(open(), receive);
    const id = await say("ping");
    for (const text of ["pong", "pang"]) edit(id, text);
    await eventually(() => expect(messages).toHaveLength(3));
    expect(messages.map(({ edits, text }) => [edits, text])).toEqual([
      [undefined, "ping"],
      [id, "pong"],
      [id, "pang"],
    ]);
    expect(new Set(messages.map((message) => message.id)).size).toBe(3);
  });

  test("hands over the messages of a chat in their order", async () => {
    const { open, say } = await bench();
    const { messages, receive } = receiver();
    await started(open(), receive);
    const texts = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    for (const text of texts) await say(text);
    await eventually(() => expect(messages.map(({ text }) => text)).toEqual(texts));
  });

  test("hands a message over again after a restart, if the host had not stored it", async () => {
    const { open, say } = await bench();
    const first = open();
    let isAsked = false;
    await first.start(() => {
      isAsked = true;
      return Promise.reject(new Error("the disk is full"));
    });
    const id = await say("ping");
    await eventually(() => expect(isAsked).toBe(true));
    await first.close();
    const { messages, receive } = receiver();
    await started(open(), receive);
    await eventually(() => expect(messages.map((message) => message.id)).toEqual([id]));
  });

  test("hands a message over again without a restart, before the next one of its chat", async () => {
    const { open, say } = await bench();
    const tried: string[] = [];
    await started(open(), ({ text }) =>
      tried.push(text) === 1 ? Promise.reject(new Error("the disk is full")) : Promise.resolve(),
    );
    await say("one");
    await say("two");
    await eventually(() => expect(tried).toEqual(["one", "one", "two"]));
  });

  test("closes only when the host has answered the message that it is given", async () => {
    const { open, say } = await bench();
    const order: string[] = [];
    let store = (): void => {};
    const channel = open();
    await channel.start(
      () =>
        new Promise((resolve) => {
          order.push("asked");
          store = resolve;
        }),
    );
    await say("ping");
    await eventually(() => expect(order).toEqual(["asked"]));
    const closed = channel.close().then(() => order.push("closed"));
    // A close that does not wait ends meanwhile: another channel of this kind does.
    const other = await bench();
    const { messages, receive } = receiver();
    const idle = other.open();
    await idle.start(receive);
    await other.say("ping");
    await eventually(() => expect(messages).toHaveLength(1));
    await idle.close();
    order.push("stored");
    store();
    await closed;
    expect(order).toEqual(["asked", "stored", "closed"]);
  });

  test("hands over no message again that the host had stored", async () => {
    const { open, say } = await bench();
    const before = receiver();
    const first = open();
    await first.start(before.receive);
    await say("one");
    await eventually(() => expect(before.messages).toHaveLength(1));
    await first.close();
    const after = receiver();
    await started(open(), after.receive);
    await say("two");
    await eventually(() => expect(after.messages.map(({ text }) => text)).toEqual(["two"]));
  });
};

const output = (bench: MakeBench): void => {
  test("shows a message once, though it is sent again and after a restart", async () => {
    const { open, platformId, seen } = await bench();
    const first = open();
    await first.start(receiver().receive);
    expect(await first.send(messageTo(platformId))).toMatchObject({ ok: true });
    expect(await first.send(messageTo(platformId))).toMatchObject({ ok: true });
    await first.close();
    const second = await started(open(), receiver().receive);
    expect(await second.send(messageTo(platformId))).toMatchObject({ ok: true });
    expect(await second.send(messageTo(platformId, { id: "re-2", text: "more" }))).toMatchObject({
      ok: true,
    });
    expect((await seen()).map(({ text }) => text)).toEqual(["pong", "more"]);
  });

  test("notes a sent message for its sender in a transaction, with the platform's id, and not one that is refused", async () => {
    const { open, platformId, strangerId } = await bench();
    const channel = await started(open(), receiver().receive);
    const noted: unknown[] = [];
    const noteSent: NoteSent = async (transaction, id) => void noted.push([transaction.isTransaction, id]);
    expect(await channel.send(messageTo(strangerId, { id: "re-0", noteSent }))).toMatchObject({ ok: false });
    const sent = await channel.send(messageTo(platformId, { noteSent }));
    expect(noted).toEqual([[true, sent.ok ? sent.value.platformMessageId : sent.error]]);
  });

  test("shows a card with its options, and hands over the answer as the person's", async () => {
    const { open, platformId, userId, seen, answer } = await bench();
    const { messages, receive } = receiver();
    const channel = await started(open(), receive);
    const options = [
      { id: "approve", label: "Approve", command: "ncl approvals approve ap-1" },
      { id: "reject", label: "Reject", command: "ncl approvals reject ap-1", words: "optional" },
    ] as const;
    const card: Card = {
      id: "ap-1",
      title: "Ana asks",
      lines: ["ncl groups list"],
      options,
      digest: "0123456789abcdef",
    };
    await channel.send(messageTo(platformId, { text: "Ana asks", from: null, card }));
    expect((await seen()).map((message) => message.card)).toEqual([card]);
    const given = { cardId: "ap-1", option: "reject", words: "not today", seen: card.digest };
    await answer(given);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages[0]).toMatchObject({ userId, answer: given });
  });
};

const ends = (bench: MakeBench): void => {
  test("tells a person the failure of their message once, in its chat", async () => {
    const { open, say, platformId, seen } = await bench();
    const { messages, receive } = receiver();
    const channel = await started(open(), receive);
    const id = await say("ping");
    await eventually(() => expect(messages).toHaveLength(1));
    const ended = { id, platformId, instance: "", threadId: null, failure: "There is no key." };
    for (const message of [ended, ended]) await channel.ended(message);
    await channel.send(messageTo(platformId));
    expect((await seen()).map(({ text }) => text)).toEqual([
      expect.stringContaining("There is no key."),
      "pong",
    ]);
  });
};

const limits = (bench: MakeBench): void => {
  test("finds the direct chat of a person, and none of a stranger", async () => {
    const { open, platformId, userId, strangerId } = await bench();
    const channel = await started(open(), receiver().receive);
    expect(await channel.directChat(userId, null)).toEqual({ platformId, instance: "" });
    expect(await channel.directChat(userId, "")).toBeNull();
    expect(await channel.directChat(strangerId, null)).toBeNull();
  });

  test("refuses an unknown chat", async () => {
    const { open } = await bench();
    const channel = await started(open(), receiver().receive);
    expect(await channel.send(messageTo("nowhere"))).toMatchObject({
      ok: false,
      error: { code: "no-such-chat" },
    });
  });

  test("sends nothing once it is closed", async () => {
    const { open, platformId } = await bench();
    const channel = open();
    await channel.start(receiver().receive);
    await channel.close();
    expect(await channel.send(messageTo(platformId))).toMatchObject({ ok: false, error: { code: "closed" } });
  });
};

/** The contract of every channel. */
export const channelContract = (name: string, bench: MakeBench): void => {
  describe(`${name}, as a channel`, () => {
    for (const cases of [intake, attachments, waitsForAnswers, output, ends, limits]) cases(bench);
  });
};
