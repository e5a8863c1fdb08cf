import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { rawClient } from "@gatehouse/socket-server/testing";
import { removeExpired } from "@gatehouse/session-rows";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Attachment, Channel } from "../channel.ts";
import {
  chatFixture,
  fetchedIn,
  filesIn,
  hello,
  line,
  messagesOf,
  welcomed,
  type ChatFixture,
} from "./chat.fixture.ts";
import type { LocalChannelOptions } from "./local-channel.ts";

const opened = async (fixture: ChatFixture, more?: Partial<LocalChannelOptions>): Promise<Channel> => {
  const channel = fixture.open(more);
  onTestFinished(() => channel.close());
  await channel.start(() => Promise.reject(new Error("not asked for")));
  return channel;
};

const sendFile = async (channel: Channel, id: string, platformId: string): Promise<void> => {
  const content = (): Readable => Readable.from([Buffer.from("x")]);
  const where = { platformId, instance: "", threadId: null, from: "Ana", inReplyTo: null };
  const sent = await channel.send({
    id,
    text: id,
    ...where,
    attachments: [{ name: "a", size: 1, content }],
    senderGroupId: "ag-1",
  });
  expect(sent).toMatchObject({ ok: true });
};

test("the next host removes copies of files that were fetched or are 30 days old; the others stay", async () => {
  const fixture = await chatFixture();
  const out = join(fixture.filesDir, "out");
  const channel = await opened(fixture);
  const ana = await welcomed(fixture, "ana");
  const bo = await welcomed(fixture, "ana", "bo");
  for (const id of ["taken", "waiting", "of-others"]) await sendFile(channel, id, "ana");
  const senders = fixture.central.db.selectFrom("session_files").select("sender_group_id").distinct();
  expect(await senders.execute()).toEqual([{ sender_group_id: "ag-1" }]);
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(3));
  // Bo is not in Ana's chat; the last id belongs to no message.
  for (const id of ["of-others", "../out"]) bo.say(line({ type: "fetched", id }));
  for (const id of ["taken", "missing"]) ana.say(line({ type: "fetched", id }));
  await vi.waitFor(async () => expect(await fetchedIn(fixture)).toEqual(["taken"]));
  const all = ["of-others", "taken", "waiting"];
  const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  const nextHost = async (minutes: number): Promise<void> => {
    const next = await opened(fixture, { now: () => inMinutes(minutes) });
    await next.close();
    await removeExpired(fixture.central.db, inMinutes(minutes));
  };
  await channel.close();
  await nextHost(9);
  expect(readdirSync(out).toSorted()).toEqual(all);
  await nextHost(11);
  expect(readdirSync(out).toSorted()).toEqual(["of-others", "waiting"]);
  expect(await filesIn(fixture, "chat-out")).toEqual(["of-others/a", "waiting/a"]);
  await nextHost(31 * 24 * 60);
  expect(readdirSync(out)).toEqual([]);
  expect(await filesIn(fixture, "chat-out")).toEqual([]);
  expect(fixture.bugs).toEqual([]);
});

test("the next host removes an upload that was cut off", async () => {
  const fixture = await chatFixture();
  const aside = join(fixture.filesDir, "aside");
  mkdirSync(join(aside, "left"), { recursive: true });
  await opened(fixture);
  expect(existsSync(aside)).toBe(false);
});

const toAna = { platformId: "ana", instance: "", threadId: null, from: "Ana", inReplyTo: null };

const file = (name: string, text: string, size = text.length): Attachment => ({
  name,
  size,
  content: () => Readable.from([Buffer.from(text)]),
});

test("a message whose second file is not as announced stores none; sent again it stores the new files", async () => {
  const fixture = await chatFixture();
  const channel = await opened(fixture);
  const ana = await welcomed(fixture, "ana");
  const send = (attachments: readonly Attachment[]) =>
    channel.send({ id: "m-1", text: "t", ...toAna, attachments });
  expect(await send([file("a", "old"), file("b", "two", 9)])).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("announced size") },
  });
  expect(await filesIn(fixture, "chat-out")).toEqual([]);
  expect(await send([file("a", "newer"), file("b", "two")])).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(1));
  const [first] = messagesOf(ana)[0]?.files ?? [];
  expect([first?.size, readFileSync(first?.path ?? "", "utf8")]).toEqual([5, "newer"]);
});

test("a file that the agent of one host sent is copied for a client of another", async () => {
  const fixture = await chatFixture();
  const one = await opened(fixture);
  const [socketPath, filesDir] = [`${fixture.socketPath}-2`, `${fixture.filesDir}-of-another-host`];
  await opened(fixture, { socketPath, filesDir });
  await welcomed(fixture, "ana");
  expect(await one.send({ id: "m-1", text: "t", ...toAna, attachments: [file("a", "one")] })).toMatchObject({
    ok: true,
  });
  const client = rawClient(socketPath);
  client.say(hello("ana", undefined, { ana: 0 }));
  await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
  const path = messagesOf(client)[0]?.files?.[0]?.path ?? "";
  expect(path.startsWith(filesDir)).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("one");
});
