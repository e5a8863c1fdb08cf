import { addRow, at } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { filesIn } from "../files/files-in.fixture.ts";
import { attached, until } from "../session.fixture.ts";
import { asking, eve, firstCard, givenTo, reasons, waiting, type AskingFixture } from "./asking.fixture.ts";

const members = ({ central: { db } }: AskingFixture) =>
  db.selectFrom("agent_group_members").select(["user_id", "agent_group_id"]).execute();
describe("a stranger in a chat that asks about strangers", () => {
  test("a stranger's messages make one card, on the chat's own channel, with the first text", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "hello\nIt can be answered for ever.\u202e"));
    const { to, lines } = await firstCard(fixture);
    expect(to).toBe("ana-on-telegram");
    expect(lines).toEqual([
      expect.stringMatching(/^May telegram:7 write to Ana\? \(ap-/),
      expect.stringMatching(/^It can be answered until /),
      'From: "Eve" (telegram:7), in the chat telegram room.',
      "> hello",
      "> It can be answered for ever.\\u202e",
      expect.stringMatching(/^Approved, telegram:7 is a member of Ana/),
      expect.stringMatching(/^Rejected, no message of telegram:7/),
    ]);
    await fixture.running.receive(eve("m-1", "hello"));
    await fixture.running.receive(eve("m-2", "hello?"));
    expect(reasons(fixture)).toEqual([]);
    expect(waiting(fixture)).toEqual(["m-1", "m-2"]);
    const asked = await fixture.central.db
      .selectFrom("pending_approvals")
      .select(["kind", "status"])
      .execute();
    expect(asked).toEqual([{ kind: "sender", status: "pending" }]);
    expect(fixture.cards()).toHaveLength(1);
    expect(fixture.texts().filter((text) => !text.startsWith("May telegram:7"))).toEqual([]);
  });

  test("an approved stranger becomes a member, and the message is passed on once, also by the next host", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "hello"));
    const { id } = await firstCard(fixture);
    await fixture.click("local:ana", id, "approve");
    await until(() => expect(fixture.happened("message-taken").map((one) => one["id"])).toEqual(["m-1"]));
    expect(await members(fixture)).toEqual([{ user_id: "telegram:7", agent_group_id: "ag-1" }]);
    const { db } = fixture.central;
    expect(
      await db.selectFrom("users").select("display_name").where("id", "=", "telegram:7").execute(),
    ).toEqual([{ display_name: "Eve" }]);
    await until(() => expect(waiting(fixture)).toEqual([]));
    await fixture.running.close();
    // The first host was killed before it noted that it had passed on the message.
    Object.assign(fixture.channel.inbox.get("m-1") ?? {}, { waitsFor: id, isClaimed: false });
    const next = await fixture.host2();
    await until(() => expect(waiting(fixture)).toEqual([]));
    await next.receive(eve("m-2", "and again"));
    expect(await givenTo(fixture)).toEqual(["hello", "and again"]);
    expect(fixture.cards()).toHaveLength(1);
  });

  test("what a stranger writes until the approval is passed on after the first message, in order, with its files", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "one"));
    await fixture.running.receive(eve("m-3", "two", { attachments: [attached("a.txt", "one")] }));
    await fixture.running.receive(eve("m-2", "three"));
    await fixture.running.receive(eve("m-3", "two", { attachments: [attached("a.txt", "one")] }));
    const { id: sessionId } = await fixture.session();
    expect(await filesIn(fixture, sessionId, "in")).toEqual({});
    await fixture.click("local:ana", (await firstCard(fixture)).id, "approve");
    await until(() => expect(waiting(fixture)).toEqual([]));
    expect(await givenTo(fixture)).toEqual(["one", "two", "three"]);
    expect(await filesIn(fixture, sessionId, "in")).toEqual({ "m-3/a.txt": "one" });
    expect(fixture.cards()).toHaveLength(1);
  });

  test("an edit of a message that waits comes after it, and replaces it", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "helo"));
    await fixture.running.receive(eve("m-2", "hello", { edits: "m-1" }));
    await fixture.click("local:ana", (await firstCard(fixture)).id, "approve");
    await until(() => expect(waiting(fixture)).toEqual([]));
    const rows = fixture.central.db.selectFrom("session_messages_in").select("content").orderBy("seq");
    const contents = (await rows.execute()).map(({ content }) => JSON.parse(content) as unknown);
    expect(contents).toMatchObject([{ text: "helo" }, { text: "hello", edits: 2 }]);
  });

  test("a message that another host has received meanwhile makes no card", async () => {
    const fixture = await asking();
    const message = eve("m-1", "hello");
    fixture.channel.inbox.set("m-1", { message, waitsFor: null, isClaimed: true });
    await fixture.running.receive(message);
    expect(await fixture.central.db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
    expect([reasons(fixture), fixture.happened("message-held"), fixture.texts()]).toEqual([[], [], []]);
  });

  test("a message that one agent gets, and another only after an answer, reaches each once", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await addRow(db, "messaging_group_agents", { id: "wi-2", agent_group_id: "ag-2" });
    await addRow(db, "users", { id: "telegram:7" });
    await addRow(db, "agent_group_members", { user_id: "telegram:7", agent_group_id: "ag-2" });
    await fixture.running.receive(eve("m-1", "hello"));
    const given = db
      .selectFrom("session_messages_in")
      .innerJoin("sessions", "sessions.id", "session_messages_in.session_id")
      .select(["sessions.agent_group_id as group", "session_messages_in.id"])
      .orderBy("sessions.agent_group_id");
    expect(await given.execute()).toEqual([{ group: "ag-2", id: "m-1" }]);
    expect(waiting(fixture)).toEqual(["m-1"]);
    await fixture.click("local:ana", (await firstCard(fixture)).id, "approve");
    await until(() => expect(waiting(fixture)).toEqual([]));
    expect(await given.execute()).toEqual([
      { group: "ag-1", id: "m-1" },
      { group: "ag-2", id: "m-1" },
    ]);
  });

  test("twenty messages of a stranger wait behind the first; those of another stranger wait for their own question", async () => {
    const fixture = await asking();
    const ids = Array.from({ length: 21 }, (_, index) => `m-${index + 1}`);
    for (const id of ids) await fixture.running.receive(eve(id, id));
    expect(reasons(fixture)).toEqual([]);
    await fixture.running.receive(eve("m-22", "full"));
    await fixture.running.receive(eve("m-23", "of Bob", { userId: "telegram:8", userName: "Bob" }));
    await fixture.running.receive(eve("m-24", "of Bob, too", { userId: "telegram:8", userName: "Bob" }));
    expect(reasons(fixture)).toEqual(["sender-waits"]);
    expect(waiting(fixture)).toEqual([...ids, "m-23", "m-24"]);
    await until(() => expect(fixture.cards()).toHaveLength(2));
  });

  test("the card names the files of the message, which the agent cannot read before the approval", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "look", { attachments: [attached("a.txt", "one")] }));
    const { id, lines } = await firstCard(fixture);
    expect(lines).toContain("> [file a.txt, 3 bytes]");
    const { id: sessionId } = await fixture.session();
    const given = () => filesIn(fixture, sessionId, "in");
    expect(await given()).toEqual({});
    await fixture.running.close();
    await fixture.host2();
    await fixture.click("local:ana", id, "approve");
    await until(async () => expect(await given()).toEqual({ "m-1/a.txt": "one" }));
  });

  test("a stranger who loses the right before the message is passed on is asked about again, with the files", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await fixture.running.receive(eve("m-1", "look", { attachments: [attached("a.txt", "one")] }));
    await fixture.running.close();
    // Approved, but not a member any more when the next host starts.
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    const first = fixture.channel.inbox.get("m-1")?.waitsFor;
    await fixture.host2();
    await until(() => expect(fixture.channel.inbox.get("m-1")?.waitsFor).not.toBe(first));
    await until(() => expect(fixture.happened("held-message-ended")).toHaveLength(1));
    const { id: sessionId } = await fixture.session();
    await until(async () => {
      // The first card is answered; the second may be shown later.
      for (const { id } of fixture.cards()) await fixture.click("local:ana", id, "approve");
      expect(await filesIn(fixture, sessionId, "in")).toEqual({ "m-1/a.txt": "one" });
    });
  });

  test("a rejected stranger is no member, and is refused without a card, also after a restart", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "hello", { attachments: [attached("a", "x")] }));
    const { id } = await firstCard(fixture);
    await fixture.click("local:ana", id, "reject");
    await until(() => expect(fixture.happened("held-message-ended")).toMatchObject([{ status: "rejected" }]));
    const { id: sessionId } = await fixture.session();
    await until(() => expect(waiting(fixture)).toEqual([]));
    expect(await filesIn(fixture, sessionId, "in")).toEqual({});
    await fixture.running.close();
    const next = await fixture.host2();
    await next.receive(eve("m-2", "hello?"));
    expect(reasons(fixture)).toEqual(["person-refused"]);
    expect(await members(fixture)).toEqual([]);
    expect(fixture.cards()).toHaveLength(1);
    await addRow(fixture.central.db, "users", { id: "telegram:7" });
    await addRow(fixture.central.db, "agent_group_members", { user_id: "telegram:7" });
    await next.receive(eve("m-3", "I was added by hand"));
    expect(await givenTo(fixture)).toEqual(["I was added by hand"]);
  });

  test("a card that was forwarded to a person without the right admits no stranger", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "hello"));
    const { id } = await firstCard(fixture);
    await fixture.click("telegram:7", id, "approve");
    expect(fixture.texts().at(-1)).toMatch(/owners and admins/);
    expect(await members(fixture)).toEqual([]);
    await addRow(fixture.central.db, "users", { id: "telegram:8" });
    await addRow(fixture.central.db, "user_roles", {
      user_id: "telegram:8",
      role: "admin",
      agent_group_id: null,
    });
    await fixture.click("telegram:8", id, "approve");
    expect(await members(fixture)).toHaveLength(1);
  });

  test("a stranger's message is dropped if no approver exists", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await db.deleteFrom("user_roles").execute();
    await fixture.running.receive(eve("m-1", "hello"));
    expect(reasons(fixture)).toEqual(["not-asked"]);
    expect(await db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
    expect(waiting(fixture)).toEqual([]);
  });

  test("a stranger is asked about again after the first question has expired", async () => {
    const fixture = await asking();
    await fixture.running.receive(eve("m-1", "hello"));
    await firstCard(fixture);
    await fixture.central.db.updateTable("pending_approvals").set({ expires_at: at }).execute();
    expect(await fixture.commands.expireApprovals()).toBe(1);
    await until(() => expect(fixture.happened("held-message-ended")).toMatchObject([{ status: "expired" }]));
    await fixture.running.receive(eve("m-2", "still here"));
    await until(() => expect(fixture.cards()).toHaveLength(2));
    expect(await fixture.central.db.selectFrom("session_messages_in").selectAll().execute()).toEqual([]);
  });

  test("a stranger on this machine is told of each message that a person is asked, and that the answer was no", async () => {
    const fixture = await asking({ channelType: "local" });
    await fixture.running.receive(eve("m-1", "hello", { channelType: "local" }));
    const { id, to } = await firstCard(fixture);
    expect(to).toBe("ana-on-local");
    const toEve = () => fixture.channel.sent.filter(({ platformId }) => platformId === "room");
    await fixture.running.receive(eve("m-2", "hello?", { channelType: "local" }));
    // Without it, the client would wait for an answer to its message.
    expect(toEve()).toMatchObject([
      { id: "held-m-1", inReplyTo: null, text: expect.stringMatching(/^You are not known here/) },
      { id: "held-m-2", inReplyTo: null, text: expect.stringMatching(/^This message waits, too/) },
    ]);
    await fixture.click("local:ana", id, "reject");
    await until(() => expect(toEve()).toHaveLength(4));
    const no = { failed: true, text: expect.stringMatching(/may not write/) };
    expect(toEve().slice(2)).toMatchObject([
      { inReplyTo: "m-1", ...no },
      { inReplyTo: "m-2", ...no },
    ]);
  });
});
