import { randomUUID } from "node:crypto";
import { addRow } from "@gatehouse/central-database/testing";
import type { RawClient } from "@gatehouse/socket-server/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Channel } from "../channel.ts";
import { chatFixture, framesOf, line, messagesOf, type ChatFixture } from "./chat.fixture.ts";

const served = async (): Promise<ChatFixture & { readonly channel: Channel }> => {
  const fixture = await chatFixture();
  const channel = fixture.open();
  await channel.start(() => Promise.resolve());
  onTestFinished(async () => {
    await channel.close();
    expect(fixture.bugs).toEqual([]);
  });
  return { ...fixture, channel };
};

const reader = async (fixture: ChatFixture, group: string, writing: boolean): Promise<RawClient> => {
  const client = fixture.client();
  client.say(line({ type: "hello", version: 1, group, writing }));
  await client.hear(1);
  return client;
};

const place = { platformId: "ana", threadId: null, from: "Ana", inReplyTo: "m-1" };

/** A message that every client gets after what was written before it. */
const sendLast = ({ channel }: { readonly channel: Channel }) =>
  channel.send({ ...place, id: randomUUID(), instance: "", text: "done" });

test("what an agent is writing is shown in its chat, to clients that ask for it", async () => {
  const fixture = await served();
  const [asking, silent] = [await reader(fixture, "ana", true), await reader(fixture, "ana", false)];
  fixture.channel.writing?.({ ...place, platformId: "of-others", text: "for others" });
  fixture.channel.writing?.({ ...place, text: "I th" });
  await vi.waitFor(() => expect(framesOf(asking, "writing")).toHaveLength(1));
  expect(framesOf(asking, "writing")).toEqual([
    { type: "writing", chat: "ana", from: "Ana", inReplyTo: "m-1", text: "I th" },
  ]);
  await sendLast(fixture);
  for (const client of [asking, silent]) await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
  expect(framesOf(silent, "writing")).toEqual([]);
});

test("what an agent was writing never comes after its message", async () => {
  const fixture = await served();
  const client = await reader(fixture, "ana", true);
  fixture.channel.writing?.({ ...place, text: "I th" });
  await sendLast(fixture);
  await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
  const kinds = (client.heard() as readonly { readonly type: string }[]).map(({ type }) => type);
  expect(kinds.at(-1)).toBe("message");
});

test("a client that reads slowly gets the newest text only", async () => {
  const fixture = await served();
  const client = await reader(fixture, "ana", true);
  client.socket.pause();
  const long = "x".repeat(4_000);
  for (let count = 1; count <= 1_000; count += 1) {
    fixture.channel.writing?.({ ...place, text: `${count} ${long}` });
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.resume();
  await vi.waitFor(() => expect(framesOf(client, "writing").at(-1)?.text).toMatch(/^1000 /));
  expect(framesOf(client, "writing").length).toBeLessThan(1_000);
});

test("a person who is refused by now gets none of it", async () => {
  const fixture = await served();
  const client = await reader(fixture, "ana", true);
  await addRow(fixture.central.db, "refused_people", { user_id: "local:ana", reason: "left" });
  fixture.channel.writing?.({ ...place, text: "secret" });
  await client.ended;
  expect(framesOf(client, "writing")).toEqual([]);
});

test("each message that waits is shown, also to a client that reads slowly", async () => {
  const fixture = await served();
  const client = await reader(fixture, "ana", true);
  client.socket.pause();
  for (const inReplyTo of ["m-2", "m-3"]) {
    fixture.channel.writing?.({ ...place, inReplyTo, text: "", waits: true });
    fixture.channel.writing?.({ ...place, text: "I th" });
  }
  await sendLast(fixture);
  client.socket.resume();
  await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
  const waiting = framesOf(client, "writing").filter(({ waits }) => waits === true);
  expect(waiting.map(({ inReplyTo }) => inReplyTo)).toEqual(["m-2", "m-3"]);
});
