import { Buffer } from "node:buffer";
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Channel } from "../channel.ts";
import { chatBed, line, messagesOf, welcomed, type ChatBed } from "./chat.fixture.ts";

const opened = async (bed: ChatBed): Promise<Channel> => {
  const channel = bed.open();
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
  expect(bed.bugs).toEqual([]);
});
