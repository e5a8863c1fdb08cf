import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { takeLease } from "@gatehouse/session-rows";
import { addRow } from "@gatehouse/central-database/testing";
import type { RawClient } from "@gatehouse/socket-server/testing";
import type { KyselyPlugin } from "kysely";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { TextFile } from "../testing/channel-bench.ts";
import { channelContract } from "../testing/channel-contract.ts";
import { chatFixture, filesIn, framesOf, hello, line, messagesOf, welcomed } from "./chat.fixture.ts";

channelContract("local", async () => {
  const fixture = await chatFixture();
  const greeter = fixture.open();
  await greeter.start(async () => {});
  await welcomed(fixture, "ana", "local:bo");
  await greeter.close();
  const speaker = async (frame: object, files: readonly TextFile[] = []): Promise<string> => {
    const client = await welcomed(fixture, "ana", "local:bo");
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
    open: fixture.open,
    db: fixture.central.db,
    userId: "local:bo",
    platformId: "bo",
    strangerId: "local:nobody",
    say: (text, files = []) => {
      const named = files.map((file) => ({ name: file.name, size: Buffer.byteLength(file.text) }));
      return speaker({ type: "message", text, ...(named.length === 0 ? {} : { files: named }) }, files);
    },
    edit: null,
    answer: async (answer) => void (await speaker({ type: "answer", ...answer })),
    seen: async () => {
      const client = await welcomed(fixture, "ana", "local:bo", { bo: 0 });
      const { n } = await fixture.central.db
        .selectFrom("local_messages")
        .select(({ fn }) => fn.countAll<number>().as("n"))
        .where("direction", "=", "out")
        .executeTakeFirstOrThrow();
      await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(Number(n)));
      return messagesOf(client).map(({ id, text, card = null, files = [] }) => ({
        id,
        text,
        card,
        files: files.map(({ name, path }) => ({ name, text: readFileSync(path, "utf8") })),
      }));
    },
  };
});

test("senders on the channel local have an account on this machine", async () => {
  const { open } = await chatFixture();
  expect(open().isOfThisMachine).toBe(true);
});

test.each<[string, (client: RawClient) => void]>([
  ["is being greeted", () => {}],
  ["has left while it was greeted", ({ socket }) => void socket.destroy()],
])("a closed channel uses the database no more, also for a client that %s", async (_what, leave) => {
  const fixture = await chatFixture();
  const { db } = fixture.central;
  const order: string[] = [];
  let held: Promise<void> | null = null;
  let goOn = (): void => {};
  const slowly: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (held === null) return result;
      order.push("asked");
      await held;
      order.push("answered");
      return result;
    },
  };
  const channel = fixture.open({ db: db.withPlugin(slowly) });
  await channel.start(async () => {});
  const other = await chatFixture();
  const unheld = other.open();
  await unheld.start(async () => {});
  await welcomed(other, "ana", "local:bo");
  held = new Promise((resolve) => (goOn = resolve));
  const client = fixture.client();
  client.say(hello("ana", "local:bo"));
  await vi.waitFor(() => expect(order).toContain("asked"));
  leave(client);
  const closed = channel.close().then(() => order.push("closed"));
  // Another channel does in the meantime all that the first one does, but wait.
  await unheld.close();
  goOn();
  await closed;
  expect(order.at(-1)).toBe("closed");
  expect(fixture.bugs).toEqual([]);
});

describe("a message that an agent has ended", () => {
  const done = async (failure: string | null, isAnswered = false) => {
    const fixture = await chatFixture();
    const channel = fixture.open();
    const received: string[] = [];
    await channel.start(async ({ id }) => void received.push(id));
    onTestFinished(() => channel.close());
    const client = await welcomed(fixture, "ana", "local:bo");
    const id = randomUUID();
    client.say(line({ id, type: "message", text: "hello" }));
    await vi.waitFor(() => expect(received).toEqual([id]));
    const answer = { id: `re-${id}`, instance: "", threadId: null, inReplyTo: id, from: "Ana", text: "hi" };
    if (isAnswered) await channel.send({ ...answer, platformId: "bo" });
    const chat = { platformId: "bo", instance: "", threadId: null, failure };
    await channel.ended({ ...chat, id, platformId: "ana" });
    await channel.ended({ ...chat, id });
    await channel.ended({ ...chat, id });
    await channel.ended({ ...chat, id: randomUUID() });
    await channel.send({ ...answer, id: "last", inReplyTo: null, platformId: "bo" });
    await vi.waitFor(() => expect(messagesOf(client).at(-1)?.id).toBe("last"));
    const told = messagesOf(client).slice(0, -1);
    return told.map(({ text, inReplyTo, failed = false }) => [text, inReplyTo === id, failed]);
  };

  test("is told to a waiting client once, if it has no answer", async () =>
    expect(await done(null)).toEqual([[expect.stringContaining("sends no answer to it"), true, false]]));

  test("is told with the reason, if it failed without an answer", async () =>
    expect(await done("No answer: no credit")).toEqual([["No answer: no credit", true, true]]));

  test("is not told if it was answered", async () =>
    expect(await done(null, true)).toEqual([["hi", true, false]]));

  test("is not told by a host whose lease another host has taken; that host sends nothing either", async () => {
    const fixture = await chatFixture();
    const { db } = fixture.central;
    const channel = fixture.open();
    const received: string[] = [];
    await channel.start(async ({ id }) => void received.push(id));
    onTestFinished(() => channel.close());
    const client = await welcomed(fixture, "ana", "local:bo");
    const id = randomUUID();
    client.say(line({ id, type: "message", text: "hello" }));
    await vi.waitFor(() => expect(received).toEqual([id]));
    const group = await db.selectFrom("agent_groups").select("id").executeTakeFirstOrThrow();
    await addRow(db, "sessions", { id: "se-1", agent_group_id: group.id, messaging_group_id: null });
    const old = { sessionId: "se-1", token: 1 };
    await takeLease(db, { sessionId: "se-1", owner: "stopped", ttlMs: 0 });
    await takeLease(db, { sessionId: "se-1", owner: "other", ttlMs: 600_000 });
    const ended = { platformId: "bo", instance: "", threadId: null, id, failure: null };
    await channel.ended({ ...ended, lease: old });
    const answer = { instance: "", threadId: null, inReplyTo: id, from: "Ana", platformId: "bo", text: "hi" };
    const sent = await channel.send({ ...answer, id: "late", lease: old });
    expect(sent).toMatchObject({ ok: false, error: { code: "fenced" } });
    await channel.ended({ ...ended, lease: { ...old, token: 2 } });
    await vi.waitFor(() => expect(messagesOf(client).map((one) => one.id)).toEqual([`ended-${id}`]));
  });
});

test("a message with the id of another one is refused, with its files, and the other one stays", async () => {
  const fixture = await chatFixture();
  const channel = fixture.open();
  await channel.start(async () => {});
  onTestFinished(() => channel.close());
  const bo = await welcomed(fixture, "ana", "local:bo");
  expect(await channel.directChat("local:cy", null)).toMatchObject({ instance: "" });
  const to = { instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "hi" };
  const refused = { ok: false, error: { code: "refused", message: "Another message has its id." } };
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo" })).toMatchObject({ ok: true });
  const content = async function* () {
    yield Buffer.from("x");
  };
  const attachments = [{ name: "a.txt", size: 1, content }];
  expect(await channel.send({ ...to, id: "re-1", platformId: "cy" })).toEqual(refused);
  expect(await channel.send({ ...to, id: "re-1", platformId: "cy", attachments })).toEqual(refused);
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo", from: "Bea" })).toEqual(refused);
  // The text lists the files that were left out, so it need not be the same on another try.
  expect(await channel.send({ ...to, id: "re-1", platformId: "bo", text: "ho" })).toMatchObject({ ok: true });
  expect(await channel.send({ ...to, id: "re-2", platformId: "bo" })).toMatchObject({ ok: true });
  await vi.waitFor(() =>
    expect(messagesOf(bo).map(({ id, text }) => [id, text])).toEqual([
      ["re-1", "hi"],
      ["re-2", "hi"],
    ]),
  );
  expect(await filesIn(fixture, "chat-out")).toEqual([]);
});

describe("a message that two hosts hand over", () => {
  test("is claimed once, and is not told as failed by the host that fails on it", async () => {
    const fixture = await chatFixture();
    const { db } = fixture.central;
    const channel = fixture.open({ retryMs: 1 });
    const tries: string[] = [];
    const claims: (boolean | undefined)[] = [];
    await channel.start(async ({ id }) => {
      tries.push(id);
      // Meanwhile the other host claims it.
      if (tries.length === 2) claims.push(await channel.claim?.(db, id), await channel.claim?.(db, id));
      throw new Error("the disk is full");
    });
    onTestFinished(() => channel.close());
    const client = await welcomed(fixture, "ana", "local:bo");
    client.say(line({ id: randomUUID(), type: "message", text: "hello" }));
    await vi.waitFor(() => expect(tries).toHaveLength(1 + 5));
    expect(claims).toEqual([true, false]);
    const last = { id: "last", instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "bye" };
    await channel.close();
    const next = fixture.open();
    onTestFinished(() => next.close());
    await next.start(async () => {});
    await next.send({ ...last, platformId: "bo" });
    const lines = await db.selectFrom("local_messages").select("id").where("direction", "=", "out").execute();
    expect(lines).toEqual([{ id: "last" }]);
  });
});
