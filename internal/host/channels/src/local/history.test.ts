import { randomUUID } from "node:crypto";
import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { ToChat } from "../channel.ts";
import type { Card } from "@gatehouse/std";
import { chatFixture, framesOf, line, messagesOf, welcomed, type ChatFixture } from "./chat.fixture.ts";
import type { Hello, PastMessage } from "./frames.ts";

type Answer = Partial<ToChat> & Pick<ToChat, "text">;

/** A host of which a test says what it answers. */
const served = async () => {
  const fixture = await chatFixture();
  const channel = fixture.open();
  await channel.start(async () => {});
  onTestFinished(async () => {
    await channel.close();
    expect(fixture.bugs).toEqual([]);
  });
  const plain = { platformId: "ana", instance: "", threadId: null, inReplyTo: null, from: "Ana" };
  const send = (message: Answer) => channel.send({ id: randomUUID(), ...plain, ...message });
  return { ...fixture, channel, send };
};

const greeting = (more: Partial<Hello>): string =>
  line({ type: "hello", version: 1, group: "ana", history: 50, ...more });

/** The past messages that a client gets before it is told anything new. */
const pastOf = async (fixture: ChatFixture, more: Partial<Hello> = {}): Promise<readonly PastMessage[]> => {
  const client = fixture.client();
  client.say(greeting(more));
  await client.hear(1);
  const [welcome] = framesOf(client, "welcome");
  if (welcome === undefined) expect.fail(JSON.stringify(client.heard()));
  await client.hear(1 + (welcome.past ?? 0));
  return framesOf(client, "past");
};

const said = async (fixture: ChatFixture, text: string, as = "ana", group = "ana"): Promise<string> => {
  const client = await welcomed(fixture, group, as);
  const id = randomUUID();
  client.say(line({ type: "message", id, text }));
  await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(1));
  return id;
};

const card: Card = {
  id: "ap-1",
  title: "May Ana use Bash? (ap-1)",
  lines: ['command: "npm test"'],
  options: [{ id: "approve", label: "Allow once", command: "ncl approvals approve ap-1" }],
  digest: "5eed",
};

describe("the history of a chat", () => {
  test("has what both sides said, in order, with who and when", async () => {
    const fixture = await served();
    const id = await said(fixture, "ping");
    await fixture.send({ text: "pong", inReplyTo: id });
    await fixture.send({ text: "no", from: null, failed: true });
    const past = await pastOf(fixture);
    expect(past).toMatchObject([
      { direction: "in", from: "local:ana", text: "ping", id },
      { direction: "out", from: "Ana", text: "pong", inReplyTo: id },
      { direction: "out", from: null, text: "no", failed: true },
    ]);
    for (const { at } of past) expect(at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test("has a card without its options, and the person's answer to it", async () => {
    const fixture = await served();
    const client = await welcomed(fixture, "ana");
    await fixture.send({ text: "May Ana use Bash?", from: null, card });
    client.say(line({ type: "answer", id: randomUUID(), cardId: "ap-1", option: "approve", seen: "5eed" }));
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(1));
    const past = await pastOf(fixture);
    expect(past).toMatchObject([
      { card: { id: "ap-1", title: card.title, isOpen: false } },
      { direction: "in", text: "approve", answers: "ap-1" },
    ]);
    expect(JSON.stringify(past)).not.toContain("options");
  });

  test.each([
    { what: "waits for an answer", status: "pending", isOpen: true },
    { what: "was answered", status: "approved", isOpen: false },
    { what: "has expired", status: "pending", isOpen: false, expires_at: "2020-01-01T00:00:00.000Z" },
  ])(
    "says of a card whether it $what",
    async ({ status, isOpen, expires_at = "9999-01-01T00:00:00.000Z" }) => {
      const fixture = await served();
      const { db } = fixture.central;
      await welcomed(fixture, "ana");
      const of = { session_id: null, agent_group_id: "ag-ana" };
      await addRow(db, "pending_approvals", { approval_id: "ap-1", status, expires_at, ...of });
      const asked = { approval_id: "ap-1", user_id: "local:ana", channel_type: "local", platform_id: "ana" };
      await addRow(db, "approval_cards", { ...asked, message_id: "m-1", closed_at: null });
      await fixture.send({ id: "m-1", text: "May Ana use Bash?", from: null, card });
      expect(await pastOf(fixture)).toMatchObject([{ card: { id: "ap-1", isOpen } }]);
    },
  );

  test.each([
    { history: 2, texts: ["24", "25"] },
    { history: 25, texts: Array.from({ length: 25 }, (_, at) => String(at + 1)) },
    { history: 9999, texts: Array.from({ length: 25 }, (_, at) => String(at + 1)) },
    { history: 0, texts: [] },
  ])("has the last $history messages, oldest first", async ({ history, texts }) => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    for (let count = 1; count <= 25; count += 1) await fixture.send({ text: String(count) });
    expect((await pastOf(fixture, { history })).map(({ text }) => text)).toEqual(texts);
  });

  test("has nothing of another person, or of the person's chat with another group", async () => {
    const fixture = await served();
    await said(fixture, "of ana");
    await said(fixture, "of bo", "bo");
    await said(fixture, "to ops", "ana", "ops");
    const textsOf = async (more: Partial<Hello>) => (await pastOf(fixture, more)).map(({ text }) => text);
    expect(await textsOf({})).toEqual(["of ana"]);
    expect(await textsOf({ as: "bo" })).toEqual(["of bo"]);
    expect(await textsOf({ group: "ops" })).toEqual(["to ops"]);
    expect(await textsOf({ group: null })).toEqual(["of ana"]);
    expect(await textsOf({ group: "ops", historyOnly: true })).toEqual(["to ops"]);
  });

  test("is no part of the messages that a client gets as new ones, and comes before them", async () => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    await fixture.send({ text: "old" });
    const client = fixture.client();
    client.say(greeting({}));
    await vi.waitFor(() => expect(framesOf(client, "past")).toHaveLength(1));
    await fixture.send({ text: "new" });
    await vi.waitFor(() => expect(messagesOf(client).map(({ text }) => text)).toEqual(["new"]));
    expect(client.heard().map((frame) => (frame as { readonly type: string }).type)).toEqual([
      ...["welcome", "past", "message"],
    ]);
  });

  test("does not come again when a client connects again", async () => {
    const fixture = await served();
    await welcomed(fixture, "ana");
    await fixture.send({ text: "old" });
    expect(await pastOf(fixture, { after: { ana: 1 } })).toEqual([]);
  });

  test.each([
    { what: "a withdrawn message", failure: "Withdrawn by /withdraw." },
    { what: "an interrupted message", failure: "Interrupted by /stop." },
  ])("leaves out the end of $what, because the order has an answer", async ({ failure }) => {
    const fixture = await served();
    const id = await said(fixture, "ping");
    const chat = { platformId: "ana", instance: "", threadId: null };
    await fixture.channel.ended({ ...chat, id, failure, ordered: true });
    await fixture.channel.ended({ ...chat, id: await said(fixture, "again"), failure: "It broke." });
    expect((await pastOf(fixture, { history: 3 })).map(({ text }) => text)).toEqual([
      ...["ping", "again", "It broke."],
    ]);
  });
});

describe("a client that wants the history alone", () => {
  test("opens no chat, and its connection ends", async () => {
    const fixture = await served();
    const client = fixture.client();
    client.say(greeting({ historyOnly: true }));
    await client.ended;
    expect(client.heard()).toMatchObject([{ type: "welcome", past: 0 }]);
    for (const table of ["messaging_groups", "messaging_group_agents", "user_dms"] as const)
      expect(await fixture.central.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });

  test("can send nothing", async () => {
    const fixture = await served();
    const client = fixture.client();
    client.say(
      greeting({ historyOnly: true }) + line({ type: "message", id: randomUUID(), text: "pushed in" }),
    );
    await client.ended;
    expect(framesOf(client, "taken")).toEqual([]);
    expect(await fixture.central.db.selectFrom("local_messages").selectAll().execute()).toEqual([]);
  });

  test.each([
    { what: "a stranger", more: { as: "cy" }, code: "not-a-member" },
    { what: "a member of another group", more: { as: "bo", group: "ops" }, code: "not-a-member" },
    { what: "a person who may no longer write", more: { as: "dee" }, code: "refused" },
    { what: "a person who may no longer write, alone", more: { as: "dee", group: null }, code: "refused" },
    { what: "an unknown group", more: { group: "xyzzy" }, code: "unknown-group" },
    { what: "an unknown person", more: { as: "boo" }, code: "unknown-user" },
  ])("is refused as for a live chat: $what", async ({ more, code }) => {
    const fixture = await served();
    const { db } = fixture.central;
    await addRow(db, "users", { id: "local:dee", kind: "local", display_name: null });
    await addRow(db, "refused_people", { user_id: "local:dee", reason: "spam" });
    const client = fixture.client();
    client.say(greeting({ historyOnly: true, ...more }));
    await client.ended;
    expect(client.heard()).toMatchObject([{ type: "error", code }]);
  });
});

test.each([
  { what: "history", more: { history: "5" } },
  { what: "history below 0", more: { history: -1 } },
  { what: "historyOnly", more: { historyOnly: 1 } },
])("a hello with a wrong $what is refused", async ({ more }) => {
  const fixture = await served();
  const client = fixture.client();
  client.say(line({ type: "hello", version: 1, group: "ana", ...more }));
  await client.ended;
  expect(client.heard()).toMatchObject([{ type: "error", code: "bad-frame" }]);
});
