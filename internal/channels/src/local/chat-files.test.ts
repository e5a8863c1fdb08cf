import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { rawClient } from "@gatehouse/socket-server/testing";
import { removeExpired } from "@nc/session-db/node";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Attachment, Channel } from "../channel.ts";
import { chatBed, filesIn, hello, line, messagesOf, welcomed, type ChatBed } from "./chat.fixture.ts";
import type { LocalChannelOptions } from "./local-channel.ts";

const opened = async (bed: ChatBed, more?: Partial<LocalChannelOptions>): Promise<Channel> => {
  const channel = bed.open(more);
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

test("files to a chat go with the next host once they were fetched or are 30 days old; the others stay", async () => {
  const bed = await chatBed();
  const [out, fetched] = ["out", "fetched"].map((name) => join(bed.filesDir, name)) as [string, string];
  const channel = await opened(bed);
  const ana = await welcomed(bed, "ana");
  const bo = await welcomed(bed, "ana", "bo");
  for (const id of ["taken", "just-taken", "waiting", "of-others", "29-days", "31-days"])
    await sendFile(channel, id, "ana");
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(6), { timeout: 30_000 });
  // Bo has no part in Ana's chat; no message has the last id.
  for (const id of ["of-others", "../out"]) bo.say(line({ type: "fetched", id }));
  for (const id of ["taken", "just-taken", "missing"]) ana.say(line({ type: "fetched", id }));
  await vi.waitFor(() => expect(readdirSync(fetched).toSorted()).toEqual(["just-taken", "taken"]), {
    timeout: 30_000,
  });
  await channel.close();
  setAge(join(fetched, "taken"), 1);
  for (const days of [29, 31]) setAge(join(out, `${days}-days`), days);
  await opened(bed);
  expect(readdirSync(out).toSorted()).toEqual(["29-days", "just-taken", "of-others", "waiting"]);
  expect(existsSync(join(fetched, "taken"))).toBe(false);
  const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  await removeExpired(bed.central.db, inMinutes(11));
  const left = ["29-days/a", "31-days/a", "of-others/a", "waiting/a"];
  expect(await filesIn(bed, "chat-out")).toEqual(left);
  await removeExpired(bed.central.db, inMinutes(31 * 24 * 60));
  expect(await filesIn(bed, "chat-out")).toEqual([]);
  expect(bed.bugs).toEqual([]);
});

const toAna = { platformId: "ana", instance: "", threadId: null, from: "Ana", inReplyTo: null };

const file = (name: string, text: string, size = text.length): Attachment => ({
  ...{ name, size },
  content: () => Readable.from([Buffer.from(text)]),
});

test("a message whose second file is not as announced keeps none; sent again it has what it has then", async () => {
  const bed = await chatBed();
  const channel = await opened(bed);
  const ana = await welcomed(bed, "ana");
  const send = (attachments: readonly Attachment[]) =>
    channel.send({ id: "m-1", text: "t", ...toAna, attachments });
  expect(await send([file("a", "old"), file("b", "two", 9)])).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("announced size") },
  });
  expect(await filesIn(bed, "chat-out")).toEqual([]);
  expect(await send([file("a", "newer"), file("b", "two")])).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(messagesOf(ana)).toHaveLength(1), { timeout: 30_000 });
  const [first] = messagesOf(ana)[0]?.files ?? [];
  expect([first?.size, readFileSync(first?.path ?? "", "utf8")]).toEqual([5, "newer"]);
});

test("a file that the agent of one host sent is copied for a client of another", async () => {
  const bed = await chatBed();
  const one = await opened(bed);
  const [socketPath, filesDir] = [`${bed.socketPath}-2`, `${bed.filesDir}-of-another-host`];
  await opened(bed, { socketPath, filesDir });
  await welcomed(bed, "ana");
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
