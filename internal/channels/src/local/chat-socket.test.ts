import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { addRow } from "@gatehouse/control-plane/testing";
import type { RawClient } from "@gatehouse/socket-server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { FromPerson, ToChat } from "../channel.ts";
import { chatBed, framesOf, hello, line, messagesOf, welcomed, type ChatBed } from "./chat.fixture.ts";
import { longestText, maxLineBytes } from "./frames.ts";

type Served = ChatBed & {
  readonly taken: FromPerson[];
  readonly send: (message: Partial<ToChat>) => Promise<unknown>;
};

const served = async (): Promise<Served> => {
  const bed = await chatBed();
  const taken: FromPerson[] = [];
  const channel = bed.open();
  await channel.start(async (message) => void taken.push(message));
  onTestFinished(async () => {
    await channel.close();
    expect(bed.bugs).toEqual([]);
  });
  const plain = { instance: "", threadId: null, inReplyTo: null, from: "Ana", text: "pong" };
  return {
    ...bed,
    taken,
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
    const bed = await served();
    const client = await welcomed(bed, group);
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
    { what: "the sole owner, if nobody is named", as: undefined, userId: "local:ana", group: "ana" },
    { what: "a user by id", as: "local:bo", userId: "local:bo", group: "ana" },
    { what: "a user by name", as: "bo", userId: "local:bo", group: "ana" },
    { what: "a user by another case of the name", as: "BO", userId: "local:bo", group: "ana" },
  ])("lets speak $what", async ({ as, userId, group }) => {
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
    { what: "somebody who is refused", as: "dee", code: "refused", says: /spam/ },
    { what: "a name that could be another chat's", as: "local:a/b", code: "bad-user", says: /local:a\/b/ },
  ])("refuses $what, and ends", async ({ group = "ana", as, code, says }) => {
    const bed = await served();
    const { db } = bed.central;
    await addRow(db, "agent_groups", { id: "ag-1", name: "Twin", folder: "one" });
    await addRow(db, "agent_groups", { id: "ag-2", name: "twin", folder: "two" });
    await addRow(db, "users", { id: "local:dee", kind: "local", display_name: null });
    await addRow(db, "users", { id: "local:a/b", kind: "local", display_name: null });
    for (const user_id of ["local:dee", "local:a/b"])
      await addRow(db, "agent_group_members", { user_id, agent_group_id: "ag-ana" });
    await addRow(db, "refused_people", { user_id: "local:dee", reason: "spam" });
    await addRow(db, "user_roles", { user_id: "local:cy", role: "admin", agent_group_id: "ag-ops" });
    const client = bed.client();
    client.say(hello(group, as));
    await client.ended;
    expect(client.heard()).toEqual([
      { type: "error", code, message: expect.stringMatching(says) as unknown },
    ]);
    expect(await db.selectFrom("messaging_group_agents").select("id").execute()).toEqual([]);
  });

  test.for(["request_approval", "public"])(
    "lets a stranger in whose chat is %s (case 28)",
    async (policy) => {
      const bed = await served();
      const { db } = bed.central;
      const chat = { id: "mg-cy", channel_type: "local", platform_id: "cy", unknown_sender_policy: policy };
      await addRow(db, "messaging_groups", chat);
      const wiring = { messaging_group_id: "mg-cy", agent_group_id: "ag-ana" };
      await addRow(db, "messaging_group_agents", { id: "wi-cy", ...wiring });
      const client = await welcomed(bed, "ana", "cy");
      expect(client.heard()[0]).toMatchObject({ userId: "local:cy", chat: "cy" });
      const other = bed.client();
      other.say(hello("ops", "cy"));
      await other.ended;
      expect(other.heard()).toMatchObject([{ type: "error", code: "not-a-member" }]);
    },
  );

  test.for([
    { what: "no owner", remove: true, code: "no-owner" },
    { what: "a second owner", remove: false, code: "several-owners" },
  ])("asks for --as where there is $what", async ({ remove, code }) => {
    const bed = await served();
    const { db } = bed.central;
    if (remove) await db.deleteFrom("user_roles").execute();
    else await addRow(db, "user_roles", { user_id: "local:bo", role: "owner", agent_group_id: null });
    const client = bed.client();
    client.say(hello("ana"));
    expect(await errorOf(client)).toMatchObject({
      code,
      message: expect.stringContaining("--as") as unknown,
    });
  });

  test("makes the chat, its wiring and the agent's destination once", async () => {
    const bed = await served();
    await welcomed(bed, "ana");
    await welcomed(bed, "ana");
    const { db } = bed.central;
    expect(await db.selectFrom("messaging_groups").select(["channel_type", "platform_id"]).execute()).toEqual(
      [{ channel_type: "local", platform_id: "ana" }],
    );
    expect(await db.selectFrom("messaging_group_agents").select("agent_group_id").execute()).toEqual([
      { agent_group_id: "ag-ana" },
    ]);
    expect(await db.selectFrom("agent_destinations").select("target_type").execute()).toHaveLength(1);
    expect(await db.selectFrom("user_dms").select(["user_id", "channel_type"]).execute()).toEqual([
      { user_id: "local:ana", channel_type: "local" },
    ]);
  });

  test("gives a person's second group a chat of its own, so that one agent alone answers", async () => {
    const bed = await served();
    await welcomed(bed, "ana");
    const second = await welcomed(bed, "ops");
    expect(second.heard()[0]).toMatchObject({ chat: "ana/ag-ops", readUpTo: { ana: 0, "ana/ag-ops": 0 } });
    expect((await welcomed(bed, "ana")).heard()[0]).toMatchObject({ chat: "ana" });
  });
});

describe("a person who leaves users.yaml while connected", () => {
  const dismissed = {
    type: "error",
    code: "refused",
    message: "local:bo is not served: left users.yaml",
  };
  const connected = async () => {
    const bed = await served();
    const client = await welcomed(bed, "ana", "bo");
    const { chat } = client.heard()[0] as { readonly chat: string };
    const leave = (): Promise<unknown> =>
      addRow(bed.central.db, "refused_people", { user_id: "local:bo", reason: "left users.yaml" });
    return { bed, client, chat, leave };
  };

  test("is told, and disconnected, also when nobody speaks", async () => {
    const { bed, client, leave } = await connected();
    const other = await welcomed(bed, "ana", "ana");
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
      frame: () => line({ type: "answer", id: randomUUID(), cardId: "ap-1", option: "approve" }),
    },
    {
      what: "part of a file",
      frame: () => line({ type: "chunk", id: randomUUID(), file: 0, at: 0, data: "" }),
    },
  ])("has no $what taken", async ({ frame }) => {
    const { bed, client, leave } = await connected();
    await leave();
    client.say(frame());
    await client.ended;
    expect(client.heard().slice(1)).toEqual([dismissed]);
    expect(bed.taken).toEqual([]);
    expect(await bed.central.db.selectFrom("local_messages").select("id").execute()).toEqual([]);
  });

  test("is shown nothing more", async () => {
    const { bed, client, chat, leave } = await connected();
    await bed.send({ platformId: chat, text: "before" });
    await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
    await leave();
    await bed.send({ platformId: chat, text: "after" });
    await client.ended;
    expect(messagesOf(client).map(({ text }) => text)).toEqual(["before"]);
  });
});

describe("a chat", () => {
  test("takes a message sent again once (F26)", async () => {
    const bed = await served();
    const client = await welcomed(bed, "ana");
    const said = message("ping");
    client.say(said + said);
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(2));
    client.say(message("next"));
    await vi.waitFor(() => expect(bed.taken.map(({ text }) => text)).toEqual(["ping", "next"]));
  });

  test("refuses another message of the same id, also one of another person (F26)", async () => {
    const bed = await served();
    const client = await welcomed(bed, "ana");
    const id = randomUUID();
    client.say(message("ping", id) + message("pong", id));
    expect(await errorOf(client)).toMatchObject({ code: "id-taken", id });
    const other = await welcomed(bed, "ana", "bo");
    other.say(message("ping", id));
    expect(await errorOf(other)).toMatchObject({ code: "id-taken", id });
  });

  test("shows a client only its own chats, and what came after its last one", async () => {
    const bed = await served();
    const [ana, bo] = [await welcomed(bed, "ana"), await welcomed(bed, "ana", "bo")];
    await bed.send({ text: "one" });
    await bed.send({ text: "two", inReplyTo: "q", failed: true });
    await bed.send({ text: "to bo", platformId: "bo" });
    await vi.waitFor(() => expect(messagesOf(ana).map(({ text }) => text)).toEqual(["one", "two"]));
    await vi.waitFor(() => expect(messagesOf(bo).map(({ text }) => text)).toEqual(["to bo"]));
    const again = await welcomed(bed, "ana", undefined, { ana: 1 });
    await vi.waitFor(() => expect(messagesOf(again)).toHaveLength(1));
    expect(messagesOf(again)[0]).toMatchObject({ text: "two", seq: 2, inReplyTo: "q", failed: true });
  });

  test("shows nothing of its past to a client that begins", async () => {
    const bed = await served();
    await welcomed(bed, "ana");
    await bed.send({ text: "old" });
    const client = await welcomed(bed, "ana");
    await bed.send({ text: "new" });
    await vi.waitFor(() => expect(messagesOf(client).map(({ text }) => text)).toEqual(["new"]));
  });

  test("tells a person when the host fails on a message again and again, and goes on with the next", async () => {
    const bed = await chatBed();
    const channel = bed.open({ retryMs: 1 });
    const taken: string[] = [];
    await channel.start(async ({ text }) => {
      if (text === "bad") throw new Error("no");
      taken.push(text);
    });
    onTestFinished(() => channel.close());
    const client = await welcomed(bed, "ana");
    const id = randomUUID();
    client.say(message("bad", id) + message("good"));
    await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(1));
    expect(messagesOf(client)[0]).toMatchObject({ inReplyTo: id, failed: true, from: null });
    await vi.waitFor(() => expect(taken).toEqual(["good"]));
    expect(bed.bugs).toHaveLength(5);
  });

  test("does not wait for a chat whose session is busy", async () => {
    const bed = await chatBed();
    const channel = bed.open();
    const taken: string[] = [];
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    await channel.start(async ({ text }) => {
      if (text === "slow") await opened;
      taken.push(text);
    });
    onTestFinished(() => channel.close());
    const [ana, bo] = [await welcomed(bed, "ana"), await welcomed(bed, "ana", "bo")];
    ana.say(message("slow"));
    await vi.waitFor(() => expect(framesOf(ana, "taken")).toHaveLength(1));
    bo.say(message("quick"));
    await vi.waitFor(() => expect(taken).toEqual(["quick"]));
    open();
    await vi.waitFor(() => expect(taken).toEqual(["quick", "slow"]));
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
      said: line({ type: "answer", id: uuid, cardId: "c" }),
      code: "bad-frame",
    },
    { what: "a second hello", said: hello("ana"), code: "second-hello" },
  ])("refuses $what, and goes on", async ({ said, code }) => {
    const bed = await served();
    const client = await welcomed(bed, "ana");
    client.say(said);
    expect(await errorOf(client)).toMatchObject({ code });
    client.say(message("still here"));
    await vi.waitFor(() => expect(bed.taken.map(({ text }) => text)).toEqual(["still here"]));
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
  ])("ends after $what", async ({ said, code }) => {
    const bed = await served();
    const client = bed.client();
    client.say(said + message("more"));
    await client.ended;
    expect(client.heard()[0]).toMatchObject({ type: "error", code });
    expect(bed.taken).toEqual([]);
  });

  test("takes the longest message, and ends after a longer line", async () => {
    const bed = await served();
    const client = await welcomed(bed, "ana");
    client.say(message("\u0001".repeat(longestText)));
    await vi.waitFor(() => expect(bed.taken).toHaveLength(1));
    client.say("x".repeat(maxLineBytes + 1));
    await client.ended;
    expect(framesOf(client, "error")).toMatchObject([{ code: "line-too-long" }]);
  });

  test("tells one client too many so, and serves it when another has left", async () => {
    const bed = await served();
    const clients = Array.from({ length: 128 }, () => bed.client());
    await Promise.all(
      clients.map((client) => new Promise((resolve) => client.socket.once("connect", resolve))),
    );
    const late = bed.client();
    await late.ended;
    expect(late.heard()).toMatchObject([{ type: "error", code: "too-many-chats" }]);
    for (const client of clients) client.socket.destroy();
    await vi.waitFor(() => welcomed(bed, "ana"));
  });

  test("serves others while one takes nothing, and holds no more than a batch for it", async () => {
    const bed = await served();
    const [slow, quick] = [await welcomed(bed, "ana"), await welcomed(bed, "ana")];
    slow.socket.pause();
    const text = "x".repeat(100_000);
    for (let sent = 0; sent < 60; sent += 1) await bed.send({ text });
    await vi.waitFor(() => expect(messagesOf(quick)).toHaveLength(60), { timeout: 5000 });
    expect(messagesOf(slow).length).toBeLessThan(60);
    slow.socket.resume();
    await vi.waitFor(() => expect(messagesOf(slow)).toHaveLength(60), { timeout: 5000 });
    expect(messagesOf(slow).map(({ seq }) => seq)).toEqual(messagesOf(quick).map(({ seq }) => seq));
  });
});
