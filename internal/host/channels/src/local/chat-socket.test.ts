import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { addRow } from "@gatehouse/central-database/testing";
import type { RawClient } from "@gatehouse/socket-server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { FromPerson, ToChat } from "../channel.ts";
import {
  chatFixture,
  framesOf,
  hello,
  line,
  messagesOf,
  welcomed,
  type ChatFixture,
} from "./chat.fixture.ts";
import { longestText, maxLineBytes } from "./frames.ts";

type Served = ChatFixture & {
  readonly received: FromPerson[];
  readonly send: (message: Partial<ToChat>) => Promise<unknown>;
};

const served = async (more: { readonly isShared?: boolean } = {}): Promise<Served> => {
  const fixture = await chatFixture();
  const received: FromPerson[] = [];
  const channel = fixture.open(more);
  await channel.start(async (message) => void received.push(message));
  onTestFinished(async () => {
    await channel.close();
    expect(fixture.bugs).toEqual([]);
  });
  const plain = { instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "pong" };
  return {
    ...fixture,
    received,
    send: (message) => channel.send({ id: randomUUID(), platformId: "ana", ...plain, ...message }),
  };
};

const errorOf = async (client: RawClient): Promise<unknown> => {
  await vi.waitFor(() => expect(framesOf(client, "error")).toHaveLength(1));
  return framesOf(client, "error")[0];
};

const message = (text: string, id: string = randomUUID()): string => line({ type: "message", id, text });

describe("hello", () => {
  test.for([
    { what: "the group's name", group: "Ana" },
    { what: "another case of it", group: "aNA" },
    { what: "its id", group: "ag-ana" },
    { what: "its folder", group: "OPS-team", groupId: "ag-ops", name: "Ops" },
  ])("finds a group by $what", async ({ group, groupId = "ag-ana", name = "Ana" }) => {
    const fixture = await served();
    const client = await welcomed(fixture, group);
    expect(client.heard()).toEqual([
      {
        type: "welcome",
        version: 1,
        userId: "local:ana",
        groupId,
        group: name,
        chat: "ana",
        readUpTo: { ana: 0 },
      },
    ]);
  });

  test.for([
    { what: "the sole owner, if no person is named", as: undefined, userId: "local:ana", group: "ana" },
    { what: "a user by id", as: "local:bo", userId: "local:bo", group: "ana" },
    { what: "a user by name", as: "bo", userId: "local:bo", group: "ana" },
    { what: "a user by another case of the name", as: "BO", userId: "local:bo", group: "ana" },
  ])("accepts $what as the speaker", async ({ as, userId, group }) => {
    const client = await welcomed(await served(), group, as);
    expect(client.heard()[0]).toMatchObject({ userId });
  });

  test.for([
    { what: "a group that is not there", group: "anna", code: "unknown-group", says: /Was "Ana" meant/ },
    { what: "nothing like a group", group: "xyzzy", code: "unknown-group", says: /ncl groups list/ },
    { what: "a name that is not unique", group: "twin", code: "group-not-unique", says: /ag-1 .*ag-2/ },
    { what: "a user who is not there", as: "boo", code: "unknown-user", says: /Was "bo" meant/ },
    {
      what: "a stranger to the group",
      as: "cy",
      code: "not-a-member",
      says: /ncl members add --user local:cy/,
    },
    { what: "a member of another group", as: "bo", group: "ops", code: "not-a-member", says: /Ops/ },
    { what: "an admin of another group", as: "cy", group: "ana", code: "not-a-member", says: /Ana/ },
    { what: "a refused person", as: "dee", code: "refused", says: /spam/ },
    { what: "a name that could be another chat's", as: "local:a/b", code: "bad-user", says: /local:a\/b/ },
  ])("refuses $what, and closes the connection", async ({ group = "ana", as, code, says }) => {
    const fixture = await served();
    const { db } = fixture.central;
    await addRow(db, "agent_groups", { id: "ag-1", name: "Twin", folder: "one" });
    await addRow(db, "agent_groups", { id: "ag-2", name: "twin", folder: "two" });
    await addRow(db, "users", { id: "local:dee", kind: "local", display_name: null });
    await addRow(db, "users", { id: "local:a/b", kind: "local", display_name: null });
    for (const user_id of ["local:dee", "local:a/b"])
      await addRow(db, "agent_group_members", { user_id, agent_group_id: "ag-ana" });
    await addRow(db, "refused_people", { user_id: "local:dee", reason: "spam" });
    await addRow(db, "user_roles", { user_id: "local:cy", role: "admin", agent_group_id: "ag-ops" });
    const client = fixture.client();
    client.say(hello(group, as));
    await client.ended;
    expect(client.heard()).toEqual([
      { type: "error", code, message: expect.stringMatching(says) as unknown },
    ]);
    expect(await db.selectFrom("messaging_group_agents").select("id").execute()).toEqual([]);
  });

  test.for(["request_approval", "public"])(
    "accepts a stranger in a chat whose policy is %s",
    async (policy) => {
      const fixture = await served();
      const { db } = fixture.central;
      const chat = { id: "mg-cy", channel_type: "local", platform_id: "cy", unknown_sender_policy: policy };
      await addRow(db, "messaging_groups", chat);
      const wiring = { messaging_group_id: "mg-cy", agent_group_id: "ag-ana" };
      await addRow(db, "messaging_group_agents", { id: "wi-cy", ...wiring });
      const client = await welcomed(fixture, "ana", "cy");
      expect(client.heard()[0]).toMatchObject({ userId: "local:cy", chat: "cy" });
      const other = fixture.client();
      other.say(hello("ops", "cy"));
      await other.ended;
      expect(other.heard()).toMatchObject([{ type: "error", code: "not-a-member" }]);
    },
  );

  test.for([
    { what: "no owner", remove: true, code: "no-owner" },
    { what: "a second owner", remove: false, code: "several-owners" },
  ])("requires --as if there is $what", async ({ remove, code }) => {
    const fixture = await served();
    const { db } = fixture.central;
    if (remove) await db.deleteFrom("user_roles").execute();
    else await addRow(db, "user_roles", { user_id: "local:bo", role: "owner", agent_group_id: null });
    const client = fixture.client();
    client.say(hello("ana"));
    expect(await errorOf(client)).toMatchObject({
      code,
      message: expect.stringContaining("--as") as unknown,
    });
  });

  test("makes the chat, its wiring and the agent's destination once", async () => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    await welcomed(fixture, "ana");
    const { db } = fixture.central;
    const chats = db.selectFrom("messaging_groups").select(["channel_type", "platform_id", "user_id"]);
    expect(await chats.execute()).toEqual([
      { channel_type: "local", platform_id: "ana", user_id: "local:ana" },
    ]);
    expect(await db.selectFrom("messaging_group_agents").select("agent_group_id").execute()).toEqual([
      { agent_group_id: "ag-ana" },
    ]);
    expect(await db.selectFrom("agent_destinations").select("target_type").execute()).toHaveLength(1);
    expect(await db.selectFrom("user_dms").select(["user_id", "channel_type"]).execute()).toEqual([
      { user_id: "local:ana", channel_type: "local" },
    ]);
  });

  test("gives a person's second group its own chat, so that only one agent answers", async () => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    const second = await welcomed(fixture, "ops");
    expect(second.heard()[0]).toMatchObject({ chat: "ana/ag-ops", readUpTo: { ana: 0, "ana/ag-ops": 0 } });
    expect((await welcomed(fixture, "ana")).heard()[0]).toMatchObject({ chat: "ana" });
    const chats = fixture.central.db.selectFrom("messaging_groups").select(["platform_id", "user_id"]);
    expect(await chats.orderBy("platform_id").execute()).toEqual([
      { platform_id: "ana", user_id: "local:ana" },
      { platform_id: "ana/ag-ops", user_id: "local:ana" },
    ]);
  });
});

describe("a person who leaves users.yaml while connected", () => {
  const dismissed = {
    type: "error",
    code: "refused",
    message: "local:bo is not served: left users.yaml",
  };
  const connected = async (more: Parameters<typeof served>[0] = {}) => {
    const fixture = await served(more);
    const client = await welcomed(fixture, "ana", "bo");
    const { chat } = client.heard()[0] as { readonly chat: string };
    const leave = (): Promise<unknown> =>
      addRow(fixture.central.db, "refused_people", { user_id: "local:bo", reason: "left users.yaml" });
    return { fixture, client, chat, leave };
  };

  test("is told and disconnected, also while the connection is idle", async () => {
    const { fixture, client, leave } = await connected({ isShared: true });
    const other = await welcomed(fixture, "ana", "ana");
    await leave();
    await client.ended;
    expect(client.heard().slice(1)).toEqual([dismissed]);
    other.say(message("still here"));
    await vi.waitFor(() => expect(framesOf(other, "taken")).toHaveLength(1));
  });

  test.for([
    { what: "message", frame: () => message("ping") },
    {
      what: "answer to a card",
      frame: () =>
        line({ type: "answer", id: randomUUID(), cardId: "ap-1", option: "approve", seen: "5eed" }),
    },
    {
      what: "part of a file",
      frame: () => line({ type: "chunk", id: randomUUID(), file: 0, at: 0, data: "" }),
    },
  ])("can send no $what", async ({ frame }) => {
    const { fixture, client, leave } = await connected();
    await leave();
    client.say(frame());
    await client.ended;
    expect(client.heard().slice(1)).toEqual([dismissed]);
    expect(fixture.received).toEqual([]);
    expect(await fixture.central.db.selectFrom("local_messages").select("id").execute()).toEqual([]);
  });

  test("is shown nothing more", async () => {
    const { fixture, client, chat, leave } = await connected();
    await fixture.send({ platformId: chat, text: "before" });
    await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
    await leave();
    await fixture.send({ platformId: chat, text: "after" });
    await client.ended;
    expect(messagesOf(client).map(({ text }) => text)).toEqual(["before"]);
  });
});

describe("a chat", () => {
  test("receives a repeated message once", async () => {
    const fixture = await served();
    const client = await welcomed(fixture, "ana");
    const said = message("ping");
    client.say(said + said);
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(2));
    client.say(message("next"));
    await vi.waitFor(() => expect(fixture.received.map(({ text }) => text)).toEqual(["ping", "next"]));
  });

  test("refuses another message with the same id, also of another person", async () => {
    const fixture = await served();
    const client = await welcomed(fixture, "ana");
    const id = randomUUID();
    client.say(message("ping", id) + message("pong", id));
    expect(await errorOf(client)).toMatchObject({ code: "id-taken", id });
    const other = await welcomed(fixture, "ana", "bo");
    other.say(message("ping", id));
    expect(await errorOf(other)).toMatchObject({ code: "id-taken", id });
  });

  test("shows a client only its own chats, and only messages after its last one", async () => {
    const fixture = await served();
    const [ana, bo] = [await welcomed(fixture, "ana"), await welcomed(fixture, "ana", "bo")];
    await fixture.send({ text: "one" });
    await fixture.send({ text: "two", inReplyTo: "q", failed: true });
    await fixture.send({ text: "to bo", platformId: "bo" });
    await vi.waitFor(() => expect(messagesOf(ana).map(({ text }) => text)).toEqual(["one", "two"]));
    await vi.waitFor(() => expect(messagesOf(bo).map(({ text }) => text)).toEqual(["to bo"]));
    const again = await welcomed(fixture, "ana", undefined, { ana: 1 });
    await vi.waitFor(() => expect(messagesOf(again)).toHaveLength(1));
    expect(messagesOf(again)[0]).toMatchObject({ text: "two", seq: 2, inReplyTo: "q", failed: true });
  });

  test("shows a new client no earlier messages", async () => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    await fixture.send({ text: "old" });
    const client = await welcomed(fixture, "ana");
    await fixture.send({ text: "new" });
    await vi.waitFor(() => expect(messagesOf(client).map(({ text }) => text)).toEqual(["new"]));
  });

  test("tells a person when the host fails on a message repeatedly, and continues with the next", async () => {
    const fixture = await chatFixture();
    const channel = fixture.open({ retryMs: 1 });
    const received: string[] = [];
    await channel.start(async ({ text }) => {
      if (text === "bad") throw new Error("no");
      received.push(text);
    });
    onTestFinished(() => channel.close());
    const client = await welcomed(fixture, "ana");
    const id = randomUUID();
    client.say(message("bad", id) + message("good"));
    await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
    expect(messagesOf(client)[0]).toMatchObject({ inReplyTo: id, failed: true, from: null });
    await vi.waitFor(() => expect(received).toEqual(["good"]));
    expect(fixture.bugs).toHaveLength(1 + 5);
  });

  test("does not wait for a chat whose session is busy", async () => {
    const fixture = await chatFixture();
    const channel = fixture.open();
    const received: string[] = [];
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    await channel.start(async ({ text }) => {
      if (text === "slow") await opened;
      received.push(text);
    });
    onTestFinished(() => channel.close());
    const [ana, bo] = [await welcomed(fixture, "ana"), await welcomed(fixture, "ana", "bo")];
    ana.say(message("slow"));
    await vi.waitFor(() => expect(framesOf(ana, "taken")).toHaveLength(1));
    bo.say(message("quick"));
    await vi.waitFor(() => expect(received).toEqual(["quick"]));
    open();
    await vi.waitFor(() => expect(received).toEqual(["quick", "slow"]));
  });
});

describe("the socket", () => {
  test("may be opened by its owner only", async () => {
    const { socketPath } = await served();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });

  const uuid = randomUUID();
  test.for([
    { what: "a line that is not JSON", said: "hello\n", code: "not-json" },
    { what: "bytes that are not UTF-8", said: Buffer.from([0xff, 0x0a]), code: "not-json" },
    { what: "JSON that is no object", said: "[1]\n", code: "bad-frame" },
    { what: "an unknown type", said: line({ type: "shout" }), code: "unknown-type" },
    { what: "a type of the prototype", said: line({ type: "constructor" }), code: "unknown-type" },
    { what: "an id that is no UUID", said: line({ type: "message", id: "1", text: "x" }), code: "bad-id" },
    { what: "no text", said: line({ type: "message", id: uuid }), code: "bad-text" },
    { what: "an empty text", said: message("", uuid), code: "bad-text" },
    { what: "a text with a NUL", said: message("a\0b", uuid), code: "bad-text" },
    { what: "a text that is too long", said: message("x".repeat(longestText + 1), uuid), code: "bad-text" },
    {
      what: "an answer without an option",
      said: line({ type: "answer", id: uuid, cardId: "c", seen: "5eed" }),
      code: "bad-frame",
    },
    {
      what: "an answer without the digest of what was shown",
      said: line({ type: "answer", id: uuid, cardId: "c", option: "approve" }),
      code: "bad-frame",
    },
    { what: "a second hello", said: hello("ana"), code: "second-hello" },
  ])("refuses $what, and stays connected", async ({ said, code }) => {
    const fixture = await served();
    const client = await welcomed(fixture, "ana");
    client.say(said);
    expect(await errorOf(client)).toMatchObject({ code });
    client.say(message("still here"));
    await vi.waitFor(() => expect(fixture.received.map(({ text }) => text)).toEqual(["still here"]));
  });

  test.for([
    { what: "a message before hello", said: message("hi"), code: "no-hello" },
    {
      what: "another version",
      said: line({ type: "hello", version: 2, group: "ana" }),
      code: "other-version",
    },
    {
      what: "a group that is no name",
      said: line({ type: "hello", version: 1, group: 1 }),
      code: "bad-frame",
    },
    {
      what: "a place that is no number",
      said: line({ type: "hello", version: 1, group: "ana", after: { ana: "1" } }),
      code: "bad-frame",
    },
  ])("closes the connection after $what", async ({ said, code }) => {
    const fixture = await served();
    const client = fixture.client();
    client.say(said + message("more"));
    await client.ended;
    expect(client.heard()[0]).toMatchObject({ type: "error", code });
    expect(fixture.received).toEqual([]);
  });

  test("accepts the longest message, and closes the connection after a longer line", async () => {
    const fixture = await served();
    const client = await welcomed(fixture, "ana");
    client.say(message("\u0001".repeat(longestText)));
    await vi.waitFor(() => expect(fixture.received).toHaveLength(1));
    client.say("x".repeat(maxLineBytes + 1));
    await client.ended;
    expect(framesOf(client, "error")).toMatchObject([{ code: "line-too-long" }]);
  });

  test("tells one client that there are too many, and serves it when another has left", async () => {
    const fixture = await served();
    const clients = Array.from({ length: 128 }, () => fixture.client());
    await Promise.all(
      clients.map((client) => new Promise((resolve) => client.socket.once("connect", resolve))),
    );
    const late = fixture.client();
    await late.ended;
    expect(late.heard()).toMatchObject([{ type: "error", code: "too-many-chats" }]);
    for (const client of clients) client.socket.destroy();
    await vi.waitFor(() => welcomed(fixture, "ana"));
  });

  test("serves others while one client reads nothing, and keeps only one batch for it", async () => {
    const fixture = await served();
    const [slow, quick] = [await welcomed(fixture, "ana"), await welcomed(fixture, "ana")];
    slow.socket.pause();
    const text = "x".repeat(100_000);
    for (let sent = 0; sent < 60; sent += 1) await fixture.send({ text });
    await vi.waitFor(() => expect(messagesOf(quick)).toHaveLength(60));
    expect(messagesOf(slow).length).toBeLessThan(60);
    slow.socket.resume();
    await vi.waitFor(() => expect(messagesOf(slow)).toHaveLength(60));
    expect(messagesOf(slow).map(({ seq }) => seq)).toEqual(messagesOf(quick).map(({ seq }) => seq));
  });
});
