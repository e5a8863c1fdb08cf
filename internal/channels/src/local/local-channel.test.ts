import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { takeLease } from "@gatehouse/control-plane";
import { addRow } from "@gatehouse/control-plane/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { TextFile } from "../testing/channel-bench.ts";
import { channelContract } from "../testing/channel-contract.ts";
import { chatBed, filesIn, framesOf, line, messagesOf, welcomed } from "./chat.fixture.ts";

channelContract("local", async () => {
  const bed = await chatBed();
  const greeter = bed.open();
  await greeter.start(async () => {});
  await welcomed(bed, "ana", "local:bo");
  await greeter.close();
  const speaker = async (frame: object, files: readonly TextFile[] = []): Promise<string> => {
    const client = await welcomed(bed, "ana", "local:bo");
    const id = randomUUID();
    for (const [file, { text }] of files.entries()) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 2)
        client.say(
          line({ type: "chunk", id, file, at, data: bytes.subarray(at, at + 2).toString("base64") }),
        );
    }
    client.say(line({ id, ...frame }));
    await vi.waitFor(() => expect(framesOf(client, "taken")).toEqual([{ type: "taken", id }]));
    client.socket.destroy();
    return id;
  };
  return {
    open: bed.open,
    userId: "local:bo",
    platformId: "bo",
    strangerId: "local:nobody",
    say: (text, files = []) => {
      const named = files.map((file) => ({ name: file.name, size: Buffer.byteLength(file.text) }));
      return speaker({ type: "message", text, ...(named.length === 0 ? {} : { files: named }) }, files);
    },
    answer: async (cardId, option) => void (await speaker({ type: "answer", cardId, option })),
    seen: async () => {
      const client = await welcomed(bed, "ana", "local:bo", { bo: 0 });
      const { n } = await bed.central.db
        .selectFrom("local_messages")
        .select(({ fn }) => fn.countAll<number>().as("n"))
        .where("direction", "=", "out")
        .executeTakeFirstOrThrow();
      await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(Number(n)));
      return messagesOf(client).map(({ id, text, card = null, files = [] }) => ({
        ...{ id, text, card },
        files: files.map(({ name, path }) => ({ name, text: readFileSync(path, "utf8") })),
      }));
    },
  };
});

describe("a message that an agent is done with", () => {
  const done = async (failure: string | null, isAnswered = false) => {
    const bed = await chatBed();
    const channel = bed.open();
    const taken: string[] = [];
    await channel.start(async ({ id }) => void taken.push(id));
    onTestFinished(() => channel.close());
    const client = await welcomed(bed, "ana", "local:bo");
    const id = randomUUID();
    client.say(line({ id, type: "message", text: "hello" }));
    await vi.waitFor(() => expect(taken).toEqual([id]));
    const answer = { id: `re-${id}`, instance: "", threadId: null, inReplyTo: id, from: "Ana", text: "hi" };
    if (isAnswered) await channel.send({ ...answer, platformId: "bo" });
    await channel.ended?.({ id, failure });
    await channel.ended?.({ id, failure });
    await channel.ended?.({ id: randomUUID(), failure });
    await channel.send({ ...answer, id: "last", inReplyTo: null, platformId: "bo" });
    await vi.waitFor(() => expect(messagesOf(client).at(-1)?.id).toBe("last"));
    const told = messagesOf(client).slice(0, -1);
    return told.map(({ text, inReplyTo, failed = false }) => [text, inReplyTo === id, failed]);
  };

  test("without an answer is told to whoever waits for one, once", async () =>
    expect(await done(null)).toEqual([[expect.stringContaining("sends no answer to it"), true, false]]));

  test("and failed without a word is told with the reason", async () =>
    expect(await done("The agent failed: no credit")).toEqual([["The agent failed: no credit", true, true]]));

  test("and answered is not mentioned", async () =>
    expect(await done(null, true)).toEqual([["hi", true, false]]));

  test("is not mentioned by a host that another one outran, which sends nothing either", async () => {
    const bed = await chatBed();
    const { db } = bed.central;
    const channel = bed.open();
    const taken: string[] = [];
    await channel.start(async ({ id }) => void taken.push(id));
    onTestFinished(() => channel.close());
    const client = await welcomed(bed, "ana", "local:bo");
    const id = randomUUID();
    client.say(line({ id, type: "message", text: "hello" }));
    await vi.waitFor(() => expect(taken).toEqual([id]));
    const group = await db.selectFrom("agent_groups").select("id").executeTakeFirstOrThrow();
    await addRow(db, "sessions", { id: "se-1", agent_group_id: group.id, messaging_group_id: null });
    const old = { sessionId: "se-1", token: 1 };
    await takeLease(db, { sessionId: "se-1", owner: "stopped", ttlMs: 0 });
    await takeLease(db, { sessionId: "se-1", owner: "other", ttlMs: 600_000 });
    await channel.ended?.({ id, failure: null, lease: old });
    const answer = { instance: "", threadId: null, inReplyTo: id, from: "Ana", platformId: "bo", text: "hi" };
    const sent = await channel.send({ ...answer, id: "late", lease: old });
    expect(sent).toMatchObject({ ok: false, error: { code: "fenced" } });
    await channel.ended?.({ id, failure: null, lease: { ...old, token: 2 } });
    await vi.waitFor(() => expect(messagesOf(client).map((one) => one.id)).toEqual([`ended-${id}`]));
  });
});

test("a message under an id of another one is refused, with its files, and the other one stays", async () => {
  const bed = await chatBed();
  const channel = bed.open();
  await channel.start(async () => {});
  onTestFinished(() => channel.close());
  const bo = await welcomed(bed, "ana", "local:bo");
  expect(await channel.directChat("local:cy")).toMatchObject({ ok: true });
  const to = { instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "hi" };
  const taken = { ok: false, error: { code: "refused", message: "Another message has its id." } };
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo" })).toMatchObject({ ok: true });
  const content = async function* () {
    yield Buffer.from("x");
  };
  const attachments = [{ name: "a.txt", size: 1, content }];
  expect(await channel.send({ ...to, id: "re-1", platformId: "cy" })).toEqual(taken);
  expect(await channel.send({ ...to, id: "re-1", platformId: "cy", attachments })).toEqual(taken);
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo", from: "Bea" })).toEqual(taken);
  // What was left out of it is said in its text, and need not be the same again.
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo", text: "ho" })).toMatchObject({ ok: true });
  expect(await channel.send({ ...to, id: "re-2", platformId: "bo" })).toMatchObject({ ok: true });
  await vi.waitFor(() =>
    expect(messagesOf(bo).map(({ id, text }) => [id, text])).toEqual([
      ["re-1", "hi"],
      ["re-2", "hi"],
    ]),
  );
  expect(await filesIn(bed, "chat-out")).toEqual([]);
});

describe("a message that two hosts have", () => {
  test("is claimed once, and is not told as failed by the one that fails on it", async () => {
    const bed = await chatBed();
    const { db } = bed.central;
    const channel = bed.open({ retryMs: 1 });
    const tries: string[] = [];
    const claims: (boolean | undefined)[] = [];
    await channel.start(async ({ id }) => {
      tries.push(id);
      // The other host has it meanwhile.
      if (tries.length === 2) claims.push(await channel.claim?.(db, id), await channel.claim?.(db, id));
      throw new Error("the disk is full");
    });
    onTestFinished(() => channel.close());
    const client = await welcomed(bed, "ana", "local:bo");
    client.say(line({ id: randomUUID(), type: "message", text: "hello" }));
    await vi.waitFor(() => expect(tries).toHaveLength(5));
    expect(claims).toEqual([true, false]);
    const last = { id: "last", instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "bye" };
    await channel.close();
    const next = bed.open();
    onTestFinished(() => next.close());
    await next.start(async () => {});
    await next.send({ ...last, platformId: "bo" });
    const lines = await db.selectFrom("local_messages").select("id").where("direction", "=", "out").execute();
    expect(lines).toEqual([{ id: "last" }]);
  });
});
