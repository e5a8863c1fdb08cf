import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { rawClient } from "@gatehouse/socket-server/testing";
import { removeExpired } from "@gatehouse/session-rows";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Attachment, Channel } from "../channel.ts";
import { chatFixture, filesIn, hello, line, messagesOf, welcomed, type ChatFixture } from "./chat.fixture.ts";
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
  const sent = await channel.send({ id, text: id, ...where, attachments: [{ name: "a", size: 1, content }] });
  expect(sent).toMatchObject({ ok: true });
};

const setAge = (path: string, days: number): void => {
  const at = Date.now() / 1000 - days * 24 * 3600;
  utimesSync(path, at, at);
};

test("the next host removes files to a chat that were fetched or are 30 days old; the others stay", async () => {
  const fixture = await chatFixture();
  const [out, fetched] = ["out", "fetched"].map((name) => join(fixture.filesDir, name)) as [string, string];
  const channel = await opened(fixture);
  const ana = await welcomed(fixture, "ana");
  const bo = await welcomed(fixture, "ana", "bo");
  for (const id of ["taken", "just-taken", "waiting", "of-others", "29-days", "31-days"])
    await sendFile(channel, id, "ana");
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(6), { timeout: 30_000 });
  // Bo is not in Ana's chat; the last id belongs to no message.
  for (const id of ["of-others", "../out"]) bo.say(line({ type: "fetched", id }));
  for (const id of ["taken", "just-taken", "missing"]) ana.say(line({ type: "fetched", id }));
  await vi.waitFor(() => expect(readdirSync(fetched).toSorted()).toEqual(["just-taken", "taken"]), {
    timeout: 30_000,
  });
  await channel.close();
  setAge(join(fetched, "taken"), 1);
  for (const days of [29, 31]) setAge(join(out, `${days}-days`), days);
  await opened(fixture);
  expect(readdirSync(out).toSorted()).toEqual(["29-days", "just-taken", "of-others", "waiting"]);
  expect(existsSync(join(fetched, "taken"))).toBe(false);
  const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  await removeExpired(fixture.central.db, inMinutes(11));
  const left = ["29-days/a", "31-days/a", "of-others/a", "waiting/a"];
  expect(await filesIn(fixture, "chat-out")).toEqual(left);
  await removeExpired(fixture.central.db, inMinutes(31 * 24 * 60));
  expect(await filesIn(fixture, "chat-out")).toEqual([]);
  expect(fixture.bugs).toEqual([]);
});

const toAna = { platformId: "ana", instance: "", threadId: null, from: "Ana", inReplyTo: null };

const file = (name: string, text: string, size = text.length): Attachment => ({
  ...{ name, size },
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
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(1), { timeout: 30_000 });
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
  await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1), { timeout: 30_000 });
  const path = messagesOf(client)[0]?.files?.[0]?.path ?? "";
  expect(path.startsWith(filesDir)).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("one");
});
