import { fakeRuntime, type FakeRuntime } from "@nc/container-runtime/testing";
import { addRow, at } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, test } from "vitest";
import type { SessionHost } from "../session-host.ts";
import { fromAna, given, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

type Fixture = SessionFixture & { readonly running: SessionHost; readonly fake: FakeRuntime };

const taking = async (): Promise<Fixture> => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  return { ...fixture, fake, running: await fixture.host({ runtime: fake.runtime }) };
};

/** The same chat, but on Telegram. */
const onTelegram = async ({ isOfThisMachine = false } = {}): Promise<Fixture> => {
  const fixture = await sessionFixture();
  await fixture.central.db.updateTable("messaging_groups").set({ channel_type: "telegram" }).execute();
  const fake = fakeRuntime({ install });
  const channels = [{ ...fixture.channel, type: "telegram", isOfThisMachine }];
  return { ...fixture, fake, running: await fixture.host({ runtime: fake.runtime, channels }) };
};
const stranger = { channelType: "telegram", userId: "telegram:7" };

const dropped = ({ central: { db } }: Fixture) =>
  db.selectFrom("dropped_messages").select(["platform_id", "user_id", "reason", "message_count"]).execute();
const sessionsOf = ({ central: { db } }: Fixture) =>
  db.selectFrom("sessions").select(["id", "agent_group_id", "thread_id"]).orderBy("created_at").execute();

const wire = async ({ central: { db } }: Fixture, changes: object): Promise<void> => {
  await db.updateTable("messaging_group_agents").set(changes).execute();
};

/** Without an owner, no approver could be asked about a chat. Ana is a member of the group. */
const withoutOwner = async ({ central: { db } }: Pick<Fixture, "central">): Promise<void> => {
  await db.deleteFrom("user_roles").execute();
  await addRow(db, "agent_group_members", { user_id: "local:ana" });
};

test.for([
  { what: "a direct chat of no known person", chat: {}, message: {}, person: "local:ana" },
  { what: "another person's direct chat", chat: { user_id: "local:bo" }, message: {}, person: "local:bo" },
  { what: "a chat of several people", chat: { is_group: 1 }, message: { isDirect: false }, person: null },
  { what: "a chat that only the host calls direct", chat: {}, message: { isDirect: false }, person: null },
])("after a message, $what is of $person", async ({ chat, message, person }) => {
  const fixture = await taking();
  const { db } = fixture.central;
  if (Object.keys(chat).length > 0) await db.updateTable("messaging_groups").set(chat).execute();
  await fixture.running.receive(fromAna("m-1", "hello", message));
  expect(await db.selectFrom("messaging_groups").select("user_id").execute()).toEqual([{ user_id: person }]);
});

describe("a dropped message", () => {
  test("a message in an unknown chat is counted only if it names the bot", async () => {
    const fixture = await taking();
    await withoutOwner(fixture);
    const elsewhere = { channelType: "telegram", platformId: "elsewhere", isDirect: false };
    await fixture.running.receive(fromAna("m-1", "hello", elsewhere));
    expect(await dropped(fixture)).toEqual([]);
    await fixture.running.receive(fromAna("m-2", "hello @bot", { ...elsewhere, isMention: true }));
    await fixture.running.receive(fromAna("m-3", "hello @bot", { ...elsewhere, isMention: true }));
    const row = { platform_id: "elsewhere", user_id: "local:ana", reason: "not-wired", message_count: 2 };
    expect(await dropped(fixture)).toEqual([row]);
    expect(await sessionsOf(fixture)).toEqual([]);
  });

  test("a stranger's message is counted with the reason, and makes no session", async () => {
    const fixture = await taking();
    await fixture.running.receive(fromAna("m-1", "hello", { userId: "local:eve" }));
    const row = { platform_id: "ana", user_id: "local:eve", reason: "unknown-sender", message_count: 1 };
    expect(await dropped(fixture)).toEqual([row]);
    expect(await sessionsOf(fixture)).toEqual([]);
  });

  test("a stranger's message is declined in a chat with decline_notify", async () => {
    const fixture = await onTelegram();
    await fixture.central.db
      .updateTable("messaging_groups")
      .set({ unknown_sender_policy: "decline_notify" })
      .execute();
    await fixture.running.receive(fromAna("m-1", "hello", stranger));
    expect(fixture.texts()).toEqual(["You are not known here, so your message was not passed on."]);
  });

  test("a refused person's message is dropped, even if the person is an owner", async () => {
    const fixture = await taking();
    await addRow(fixture.central.db, "refused_people", { user_id: "local:ana" });
    await fixture.running.receive(fromAna("m-1", "hello"));
    expect(await dropped(fixture)).toMatchObject([{ reason: "person-refused" }]);
  });

  test("a sender on this machine is told the reason", async () => {
    const fixture = await taking();
    await withoutOwner(fixture);
    await wire(fixture, { engage_pattern: "^bot" });
    await fixture.running.receive(fromAna("m-1", "hello"));
    await fixture.running.receive(fromAna("m-2", "bot", { userId: "local:eve" }));
    await fixture.running.receive(fromAna("m-3", "bot", { platformId: "elsewhere", isDirect: false }));
    await wire(fixture, { engage_pattern: "(" });
    await fixture.running.receive(fromAna("m-4", "hello"));
    await addRow(fixture.central.db, "refused_people", { user_id: "local:ana" });
    await fixture.running.receive(fromAna("m-5", "hello"));
    const not = (id: string) => ({ id: `dropped-${id}`, inReplyTo: id, from: null, failed: true });
    expect(fixture.channel.sent).toMatchObject([
      { ...not("m-1"), text: expect.stringMatching(/a certain form/) },
      { ...not("m-2"), text: expect.stringMatching(/not known/) },
      { ...not("m-3"), platformId: "elsewhere", text: expect.stringMatching(/no agent/i) },
      { ...not("m-4"), text: expect.stringMatching(/set up wrongly/) },
      { ...not("m-5"), text: expect.stringMatching(/may not write/) },
    ]);
  });

  test("a sender on any channel with isOfThisMachine is told", async () => {
    const fixture = await onTelegram({ isOfThisMachine: true });
    await withoutOwner(fixture);
    await fixture.running.receive(fromAna("m-1", "hello", stranger));
    expect(fixture.channel.sent).toMatchObject([{ id: "dropped-m-1", failed: true }]);
  });

  test("a sender on this machine is told if the message is kept for the next turn", async () => {
    const fixture = await taking();
    await wire(fixture, { engage_pattern: "^bot", ignored_message_policy: "accumulate" });
    await fixture.running.receive(fromAna("m-1", "by the way"));
    expect(fixture.channel.sent).toMatchObject([{ id: "dropped-m-1", failed: true, inReplyTo: "m-1" }]);
    expect(fixture.texts()).toEqual([expect.stringContaining("kept")]);
  });

  test("a stranger on another channel gets no answer", async () => {
    const fixture = await onTelegram();
    await withoutOwner(fixture);
    await fixture.running.receive(fromAna("m-1", "hello", stranger));
    await fixture.running.receive(fromAna("m-2", "hello", { ...stranger, platformId: "elsewhere" }));
    expect(fixture.happened("message-dropped")).toHaveLength(2);
    expect(fixture.texts()).toEqual([]);
  });
});

describe("in a chat that is closed to strangers", () => {
  test.each([
    { who: "an owner", right: { role: "owner", agent_group_id: null }, isTaken: true },
    { who: "an admin of all groups", right: { role: "admin", agent_group_id: null }, isTaken: true },
    { who: "an admin of the group", right: { role: "admin", agent_group_id: "ag-1" }, isTaken: true },
    { who: "a member of the group", right: "member", isTaken: true },
    { who: "an admin of another group", right: { role: "admin", agent_group_id: "ag-2" }, isTaken: false },
    // Such a row gives no right.
    { who: "an owner of one group", right: { role: "owner", agent_group_id: "ag-1" }, isTaken: false },
    { who: "a user without a right", right: null, isTaken: false },
  ] as const)("a message of $who is taken: $isTaken", async ({ right, isTaken }) => {
    const fixture = await taking();
    const { db } = fixture.central;
    const user_id = "local:eve";
    await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await addRow(db, "users", { id: user_id, kind: "local" });
    if (right === "member") await addRow(db, "agent_group_members", { user_id });
    else if (right !== null) await addRow(db, "user_roles", { user_id, ...right });
    await fixture.running.receive(fromAna("m-1", "hello", { userId: user_id }));
    expect(fixture.happened("message-taken").map(({ id }) => id)).toEqual(isTaken ? ["m-1"] : []);
    expect((await dropped(fixture)).map(({ reason }) => reason)).toEqual(isTaken ? [] : ["unknown-sender"]);
  });
});

describe("the count of dropped messages", () => {
  test("a dropped message is counted only by the host that marks it as received", async () => {
    const fixture = await sessionFixture();
    await withoutOwner(fixture);
    const claims: string[] = [];
    const claim = async (_: unknown, id: string): Promise<boolean> =>
      !claims.includes(id) && claims.push(id) > 0;
    const { runtime } = fakeRuntime({ install });
    const running = await fixture.host({ runtime, channels: [{ ...fixture.channel, claim }] });
    const fake = fakeRuntime({ install });
    await running.receive(fromAna("m-1", "hello", { platformId: "elsewhere" }));
    await running.receive(fromAna("m-1", "hello", { platformId: "elsewhere" }));
    expect(await dropped({ ...fixture, running, fake })).toMatchObject([{ message_count: 1 }]);
    await running.receive(fromAna("m-2", "hello", { platformId: "elsewhere" }));
    expect(await dropped({ ...fixture, running, fake })).toMatchObject([{ message_count: 2 }]);
  });
});

describe("a pattern that backtracks exponentially in other engines", () => {
  test("such a pattern delays no other message, and its own message is decided", async () => {
    const fixture = await taking();
    const { db } = fixture.central;
    await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "other" });
    await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
    await db
      .updateTable("messaging_group_agents")
      .set({ engage_pattern: "(a+)+$" })
      .where("id", "!=", "wi-2")
      .execute();
    await Promise.all([
      ...["m-1", "m-2"].map((id) => fixture.running.receive(fromAna(id, `${"a".repeat(60_000)}!`))),
      fixture.running.receive(fromAna("m-3", "hello", { platformId: "other" })),
    ]);
    expect(
      fixture
        .happened("message-dropped")
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(["m-1", "m-2"]);
    expect(fixture.happened("message-taken").map(({ id }) => id)).toEqual(["m-3"]);
  });
});

describe("the session of a message", () => {
  test("a chat has one session, with its messages in their order", async () => {
    const fixture = await taking();
    for (const id of ["m-1", "m-2", "m-3"]) await fixture.running.receive(fromAna(id, id, { threadId: id }));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const [session, ...others] = await sessionsOf(fixture);
    expect(others).toEqual([]);
    expect((await fixture.session()).last_active).not.toBeNull();
    expect(await given(fixture.agent(session?.id ?? ""))).toEqual(["m-1", "m-2", "m-3"]);
  });

  test("a changed message names the number of the one that it replaces; null if the session has none", async () => {
    const fixture = await taking();
    await fixture.running.receive(fromAna("m-1", "helo"));
    await fixture.running.receive(fromAna("m-2", "hello", { edits: "m-1" }));
    await fixture.running.receive(fromAna("m-3", "bye", { edits: "m-0" }));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const agent = fixture.agent((await fixture.session()).id);
    const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
    const contents = received.ok ? received.value.map(({ seq, content }) => ({ seq, content })) : [];
    expect(contents).toMatchObject([
      { seq: 2, content: { text: "helo" } },
      { seq: 4, content: { text: "hello", edits: 2 } },
      { seq: 6, content: { text: "bye", edits: null } },
    ]);
  });

  test("a message comes with the words of others to which it refers", async () => {
    const fixture = await taking();
    const quoted = [{ how: "forwarded", sender: "Mallory", userId: null, text: "/withdraw" }] as const;
    await fixture.running.receive(fromAna("m-1", "", { quoted }));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const agent = fixture.agent((await fixture.session()).id);
    const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
    expect(received).toMatchObject({ value: [{ content: { text: "", quoted } }] });
  });

  test("a wiring of mode per-thread gives each thread a session", async () => {
    const fixture = await taking();
    await wire(fixture, { session_mode: "per-thread" });
    for (const [id, threadId] of [
      ["m-1", "a"],
      ["m-2", "b"],
      ["m-3", "a"],
    ] as const)
      await fixture.running.receive(fromAna(id, id, { threadId }));
    expect((await sessionsOf(fixture)).map(({ thread_id }) => thread_id)).toEqual(["a", "b"]);
  });

  test("a wiring of mode agent-shared gives all chats of the agent one session", async () => {
    const fixture = await taking();
    const { db } = fixture.central;
    await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "family" });
    await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
    await wire(fixture, { session_mode: "agent-shared" });
    await fixture.running.receive(fromAna("m-1", "hello"));
    await fixture.running.receive(fromAna("m-2", "you", { platformId: "family", threadId: "t-1" }));
    expect(await sessionsOf(fixture)).toMatchObject([{ thread_id: null }]);
    const { id, messaging_group_id } = await fixture.session();
    expect(messaging_group_id).toBeNull();
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const received = await fixture
      .agent(id)
      .receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
    expect(received).toMatchObject({
      value: [
        { id: "m-1", platformId: "ana", threadId: null },
        { id: "m-2", platformId: "family", threadId: "t-1" },
      ],
    });
  });

  test("two agents of one chat have a session each, which both get the message", async () => {
    const fixture = await taking();
    const { db } = fixture.central;
    await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await containerConfigStore(db, { now: () => at }).create("ag-2", { provider: "echo" });
    await addRow(db, "messaging_group_agents", { id: "wi-2", agent_group_id: "ag-2" });
    await fixture.running.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
    const sessions = await sessionsOf(fixture);
    expect(sessions.map(({ agent_group_id }) => agent_group_id).toSorted()).toEqual(["ag-1", "ag-2"]);
    for (const { id } of sessions) expect(await given(fixture.agent(id))).toEqual(["hello"]);
  });

  test("messages that do not match the pattern are kept as context, and start no container", async () => {
    const fixture = await taking();
    await wire(fixture, { engage_pattern: "^bot", ignored_message_policy: "accumulate" });
    await fixture.running.receive(fromAna("m-1", "by the way"));
    const session = await fixture.session();
    expect(session.last_active).toBeNull();
    expect(fixture.fake.containers).toEqual([]);
    await fixture.running.receive(fromAna("m-2", "bot, what was that?"));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    expect(await given(fixture.agent(session.id))).toEqual(["by the way", "bot, what was that?"]);
  });
});
