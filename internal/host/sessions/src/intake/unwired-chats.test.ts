import { addRow, at } from "@gatehouse/central-database/testing";
import type { FromPerson } from "@gatehouse/channels";
import { dispatch } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { filesIn } from "../files/files-in.fixture.ts";
import { attached, until } from "../session.fixture.ts";
import { asking, eve, firstCard, givenTo, reasons, waiting, type AskingFixture } from "./asking.fixture.ts";

/** Eve names the bot in a group chat without a group that answers. */
const inHall = (id: string, text: string, over: Partial<FromPerson> = {}): FromPerson =>
  eve(id, text, { platformId: "hall", isMention: true, ...over });

const hallOf = ({ central: { db } }: AskingFixture) =>
  db.selectFrom("messaging_groups").selectAll().where("platform_id", "=", "hall").executeTakeFirst();
const wiringsOfHall = async (fixture: AskingFixture) => {
  const { db } = fixture.central;
  const chatId = (await hallOf(fixture))?.id ?? "none";
  return db
    .selectFrom("messaging_group_agents")
    .select(["agent_group_id", "engage_mode", "engage_pattern"])
    .where("messaging_group_id", "=", chatId)
    .execute();
};
const approvals = ({ central: { db } }: AskingFixture) =>
  db.selectFrom("pending_approvals").select(["kind", "status", "session_id", "agent_group_id"]).execute();
const received = (fixture: AskingFixture) => fixture.happened("message-taken").map(({ id }) => id);
const asOperator = (fixture: AskingFixture, command: string, args: object) =>
  dispatch({ id: "1", command, args }, { type: "host" }, fixture.commands);
const secondGroup = async ({ central: { db } }: AskingFixture): Promise<void> =>
  addRow(db, "agent_groups", {
    id: "ag-2",
    name: "Bo",
    folder: "bo",
    created_at: "2027-01-01T00:00:00.000Z",
  });

describe("a message to the bot in a chat without a wiring", () => {
  test("messages to the bot make one card for the chat, with the first text, and get one answer", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello\nbot"));
    const { to, lines, options } = await firstCard(fixture);
    expect(to).toBe("ana-on-telegram");
    expect(lines).toEqual([
      expect.stringMatching(/^May Ana answer in a chat\? \(ap-/),
      expect.stringMatching(/^It can be answered until /),
      'From: "Eve" (telegram:7), in the chat telegram hall.',
      "> hello",
      "> bot",
      "Approved, the group answers in this chat where it is named, telegram:7 is a member of it, and the message is passed on.",
      "If you reject, the host drops messages of this chat and does not ask again.",
    ]);
    expect(options).toMatchObject([
      { id: "approve", label: "Approve", command: expect.stringContaining("--group ag-1 --seen ") as string },
      { id: "reject", label: "Reject" },
    ]);
    await fixture.running.receive(inHall("m-1", "hello\nbot"));
    await fixture.running.receive(inHall("m-2", "hello?", { userId: "telegram:8" }));
    expect(reasons(fixture)).toEqual([]);
    expect(waiting(fixture)).toEqual(["m-1", "m-2"]);
    expect(await approvals(fixture)).toEqual([
      { kind: "chat", status: "pending", session_id: null, agent_group_id: null },
    ]);
    expect(fixture.cards()).toHaveLength(1);
    const answers = fixture.channel.sent.filter(({ platformId }) => platformId === "hall");
    expect(answers).toMatchObject([{ id: "held-m-1", inReplyTo: null }]);
    expect(answers[0]?.text).toMatch(/^No agent answers in this chat yet\. .*and so do the next 20\.$/);
  });

  test("the card shows the chat by the name that its people gave it, quoted, and the agent's name for it is of its id", async () => {
    const fixture = await asking();
    const chatName = '"Ana"\nApproved, all is well.';
    await fixture.running.receive(inHall("m-1", "hello", { chatName }));
    const { id, lines } = await firstCard(fixture);
    expect(lines[2]).toBe(
      `From: "Eve" (telegram:7), in the chat ${JSON.stringify(chatName)} (telegram hall).`,
    );
    await fixture.click("local:ana", id, "approve");
    await until(() => expect(received(fixture)).toEqual(["m-1"]));
    const names = fixture.central.db.selectFrom("agent_destinations").select("local_name");
    expect(await names.execute()).toEqual([{ local_name: expect.stringMatching(/^telegram-mg-/) as string }]);
  });

  test("the card shows the words of others in the message as theirs", async () => {
    const fixture = await asking();
    const quoted = [{ how: "forwarded", sender: "Mallory", userId: null, text: "let me\nin" }] as const;
    await fixture.running.receive(inHall("m-1", "", { quoted }));
    const { lines } = await firstCard(fixture);
    expect(lines[3]).toBe('> [forwarded "Mallory": "let me\\nin"]');
  });

  test("a message that does not name the bot leaves no row and no card", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello all", { isMention: false }));
    expect(await hallOf(fixture)).toBeUndefined();
    expect(await approvals(fixture)).toEqual([]);
    expect(reasons(fixture)).toEqual([]);
  });

  test("an approval wires a group chat by mention, admits the sender, and passes the message on once, also by the next host", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await fixture.running.receive(inHall("m-1", "hello bot"));
    await fixture.running.close();
    const next = await fixture.host2();
    const { id } = await firstCard(fixture);
    await fixture.click("local:ana", id, "approve");
    await until(() => expect(received(fixture)).toEqual(["m-1"]));
    expect(await wiringsOfHall(fixture)).toEqual([
      { agent_group_id: "ag-1", engage_mode: "mention", engage_pattern: null },
    ]);
    expect(await db.selectFrom("agent_group_members").select("user_id").execute()).toEqual([
      { user_id: "telegram:7" },
    ]);
    await until(() => expect(waiting(fixture)).toEqual([]));
    await next.close();
    // That host was killed before it noted that it had passed on the message.
    Object.assign(fixture.channel.inbox.get("m-1") ?? {}, { waitsFor: id, isClaimed: false });
    const last = await fixture.host2();
    await until(() => expect(waiting(fixture)).toEqual([]));
    await last.receive(inHall("m-2", "not to the bot", { isMention: false }));
    await last.receive(inHall("m-3", "and again"));
    expect(await givenTo(fixture)).toEqual(["hello bot", "and again"]);
    expect(fixture.cards()).toHaveLength(1);
  });

  describe("while the question is pending", () => {
    const ends = (fixture: AskingFixture) =>
      fixture.happened("held-message-ended").map(({ id, status }) => `${id} ${status}`);

    test("further messages to the bot wait behind the first, and are passed on in order, once, also by the next host", async () => {
      const fixture = await asking();
      const withFile = { attachments: [attached("a.txt", "one")] };
      await fixture.running.receive(inHall("m-1", "one"));
      await fixture.running.receive(inHall("m-3", "two", withFile));
      await fixture.running.receive(inHall("m-2", "three"));
      await fixture.running.receive(inHall("m-0", "not to the bot", { isMention: false }));
      await fixture.running.receive(inHall("m-3", "two", withFile));
      expect(waiting(fixture)).toEqual(["m-1", "m-3", "m-2"]);
      await fixture.running.close();
      const next = await fixture.host2();
      const { id } = await firstCard(fixture);
      await fixture.click("local:ana", id, "approve");
      await until(() => expect(ends(fixture)).toEqual(["m-1 approved", "m-3 approved", "m-2 approved"]));
      await until(() => expect(waiting(fixture)).toEqual([]));
      await next.close();
      // That host was killed before it noted that it had passed them on.
      for (const kept of fixture.channel.inbox.values())
        if (kept.message.isMention) Object.assign(kept, { waitsFor: id, isClaimed: false });
      await fixture.host2();
      await until(() => expect(waiting(fixture)).toEqual([]));
      expect(await givenTo(fixture)).toEqual(["one", "two", "three"]);
      expect(await filesIn(fixture, (await fixture.session()).id, "in")).toEqual({ "m-3/a.txt": "one" });
      expect(reasons(fixture)).toEqual([]);
      expect(fixture.cards()).toHaveLength(1);
    });

    test("twenty messages of the chat wait behind the first, and one more is dropped", async () => {
      const fixture = await asking();
      const ids = Array.from({ length: 21 }, (_, index) => `m-${index + 1}`);
      for (const [index, id] of ids.entries())
        await fixture.running.receive(inHall(id, id, { userId: `telegram:${7 + (index % 2)}` }));
      expect(reasons(fixture)).toEqual([]);
      await fixture.running.receive(inHall("m-22", "full", { attachments: [attached("a.txt", "one")] }));
      await fixture.running.receive(inHall("m-21", "m-21"));
      expect(reasons(fixture)).toEqual(["chat-waits"]);
      expect(waiting(fixture)).toEqual(ids);
    });

    test("a message of another sender is judged as any other after the approval: it asks about that sender, with its files", async () => {
      const fixture = await asking();
      const bob = { userId: "telegram:8", userName: "Bob" };
      await fixture.running.receive(inHall("m-1", "one"));
      await fixture.running.receive(inHall("m-2", "of Bob", { ...bob, attachments: [attached("a", "x")] }));
      await fixture.running.receive(inHall("m-3", "three"));
      await fixture.running.receive(inHall("m-4", "of Bob, too", bob));
      await fixture.click("local:ana", (await firstCard(fixture)).id, "approve");
      await until(() => expect(received(fixture)).toEqual(["m-1", "m-3"]));
      const second = await until(() => fixture.cards().at(1) ?? expect.fail("no card for Bob yet"));
      expect(second.lines).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^May telegram:8 write/),
          "> of Bob",
          "> [file a, 1 bytes]",
        ]),
      );
      await until(() => expect(waiting(fixture)).toEqual(["m-2", "m-4"]));
      await fixture.click("local:ana", second.id, "approve");
      await until(() => expect(received(fixture)).toEqual(["m-1", "m-3", "m-2", "m-4"]));
      const { id } = await fixture.session();
      expect(await filesIn(fixture, id, "in")).toEqual({ "m-2/a": "x" });
      expect(fixture.cards()).toHaveLength(2);
    });

    test.for([
      {
        status: "rejected",
        ending: async (fixture: AskingFixture) =>
          fixture.click("local:ana", (await firstCard(fixture)).id, "reject"),
      },
      {
        status: "expired",
        ending: async ({ central: { db }, commands }: AskingFixture) => {
          await db.updateTable("pending_approvals").set({ expires_at: at }).execute();
          expect(await commands.expireApprovals()).toBe(1);
        },
      },
    ])("if the question is $status, all messages end, without a word", async (row) => {
      const fixture = await asking();
      await fixture.running.receive(inHall("m-1", "one"));
      await fixture.running.receive(inHall("m-2", "two", { attachments: [attached("a", "x")] }));
      await fixture.running.receive(inHall("m-3", "three", { userId: "telegram:8" }));
      await firstCard(fixture);
      await row.ending(fixture);
      await until(() =>
        expect(ends(fixture)).toEqual(["m-1", "m-2", "m-3"].map((id) => `${id} ${row.status}`)),
      );
      await until(() => expect(waiting(fixture)).toEqual([]));
      expect(received(fixture)).toEqual([]);
      expect(fixture.channel.sent.filter(({ platformId }) => platformId === "hall")).toHaveLength(1);
    });

    test("if the chat is deleted, all messages end once the question has its answer", async () => {
      const fixture = await asking();
      await fixture.running.receive(inHall("m-1", "one"));
      await fixture.running.receive(inHall("m-2", "two", { attachments: [attached("a", "x")] }));
      const { id } = await firstCard(fixture);
      await fixture.central.db.deleteFrom("messaging_groups").where("platform_id", "=", "hall").execute();
      await fixture.click("local:ana", id, "approve");
      await until(() => expect(ends(fixture)).toEqual(["m-1 failed", "m-2 failed"]));
      await until(() => expect(waiting(fixture)).toEqual([]));
    });
  });

  test.each([
    { cli_scope: "global", policy: "public", senders: "known" },
    { cli_scope: "global", policy: "strict", senders: "all" },
    { cli_scope: "group", policy: "public", senders: "all" },
  ] as const)(
    "an approval for an agent of scope $cli_scope, in a chat that is $policy, admits $senders senders",
    async ({ cli_scope, policy, senders }) => {
      const fixture = await asking();
      const { db } = fixture.central;
      await fixture.running.receive(inHall("m-1", "hello bot"));
      await db.updateTable("container_configs").set({ cli_scope }).execute();
      await db.updateTable("messaging_groups").set({ unknown_sender_policy: policy }).execute();
      const { id } = await firstCard(fixture);
      await fixture.click("local:ana", id, "approve");
      await until(() => expect(received(fixture)).toEqual(["m-1"]));
      const hall = (await hallOf(fixture))?.id ?? "";
      const wirings = db.selectFrom("messaging_group_agents").select("sender_scope");
      expect(await wirings.where("messaging_group_id", "=", hall).execute()).toEqual([
        { sender_scope: senders },
      ]);
    },
  );

  test("an approval in a direct chat lets the agent answer every message there", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello", { isDirect: true, isMention: false }));
    const { id } = await firstCard(fixture);
    await fixture.click("local:ana", id, "approve");
    await until(() => expect(received(fixture)).toEqual(["m-1"]));
    expect(await wiringsOfHall(fixture)).toEqual([
      { agent_group_id: "ag-1", engage_mode: "pattern", engage_pattern: "." },
    ]);
    const { db } = fixture.central;
    const dm = db.selectFrom("user_dms").select("messaging_group_id").where("user_id", "=", "telegram:7");
    expect(await dm.execute()).toEqual([{ messaging_group_id: (await hallOf(fixture))?.id }]);
  });

  test.for([
    { isDirect: true, person: "telegram:7" },
    { isDirect: false, person: null },
  ])(
    "a chat that is asked about is of its sender only if it is direct: $isDirect",
    async ({ isDirect, person }) => {
      const fixture = await asking();
      await fixture.running.receive(inHall("m-1", "hello bot", { isDirect }));
      await firstCard(fixture);
      const { db } = fixture.central;
      const chat = db.selectFrom("messaging_groups").select("user_id");
      expect(await chat.where("id", "=", (await hallOf(fixture))?.id ?? "").execute()).toEqual([
        { user_id: person },
      ]);
    },
  );

  test("the approver chooses between several groups, on the card and with ncl", async () => {
    const fixture = await asking();
    await secondGroup(fixture);
    await fixture.running.receive(inHall("m-1", "hello", { attachments: [attached("a.txt", "one")] }));
    const { id, options, lines } = await firstCard(fixture);
    expect(lines[0]).toMatch(/^Which group may answer in a chat\?/);
    expect(lines).toContain("> [file a.txt, 3 bytes]");
    expect(options.map((option) => option.id)).toEqual(["approve:1", "approve:2", "reject"]);
    expect(await asOperator(fixture, "approvals-approve", { id })).toMatchObject({
      ok: false,
      error: {
        message: expect.stringContaining(
          "--group which group is to answer in this chat: ag-1 (Ana), ag-2 (Bo)",
        ),
      },
    });
    // A refused answer leaves the approval pending.
    expect(await approvals(fixture)).toMatchObject([{ status: "pending" }]);
    expect(await asOperator(fixture, "approvals-approve", { id, group: "ag-2" })).toMatchObject({ ok: true });
    await until(() => expect(received(fixture)).toEqual(["m-1"]));
    expect(await wiringsOfHall(fixture)).toMatchObject([{ agent_group_id: "ag-2" }]);
    const session = await fixture.session();
    expect(await filesIn(fixture, session.id, "in")).toEqual({ "m-1/a.txt": "one" });
  });

  test("a rejected chat is not asked about again, also after a restart, until messaging-groups ask-again", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello"));
    const { id } = await firstCard(fixture);
    await fixture.click("local:ana", id, "reject");
    await until(() => expect(fixture.happened("held-message-ended")).toMatchObject([{ status: "rejected" }]));
    await fixture.running.close();
    const next = await fixture.host2();
    await next.receive(inHall("m-2", "hello?"));
    expect(reasons(fixture)).toEqual(["chat-refused"]);
    expect(fixture.cards()).toHaveLength(1);
    const chat = (await hallOf(fixture))?.id ?? "";
    expect(await asOperator(fixture, "messaging-groups-get", { id: chat })).toMatchObject({
      data: { refused_by: "user:local:ana", refused_at: expect.any(String) },
    });
    expect(await asOperator(fixture, "messaging-groups-ask-again", { id: chat })).toMatchObject({ ok: true });
    await next.receive(inHall("m-3", "and now?"));
    await until(() => expect(fixture.cards()).toHaveLength(2));
  });

  test("a rejected chat is no longer refused after it was wired by hand", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello"));
    await fixture.click("local:ana", (await firstCard(fixture)).id, "reject");
    const messaging_group_id = (await hallOf(fixture))?.id ?? "";
    const wired = await asOperator(fixture, "wirings-create", { messaging_group_id, agent_group_id: "ag-1" });
    expect(wired).toMatchObject({ ok: true });
    expect(await hallOf(fixture)).toMatchObject({ refused_at: null, refused_by: null });
  });

  test("only owners and admins of all groups approve a chat, not its sender or an admin of one group", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await addRow(db, "users", { id: "telegram:8" });
    await addRow(db, "user_roles", { user_id: "telegram:8", role: "admin", agent_group_id: "ag-1" });
    await fixture.running.receive(inHall("m-1", "hello"));
    const { id } = await firstCard(fixture);
    for (const userId of ["telegram:7", "telegram:8"]) await fixture.click(userId, id, "approve");
    expect(await approvals(fixture)).toMatchObject([{ status: "pending" }]);
    expect(fixture.cards().map(({ to }) => to)).toEqual(["ana-on-telegram"]);
    await addRow(db, "user_roles", { user_id: "telegram:8", role: "admin", agent_group_id: null });
    await fixture.click("telegram:8", id, "approve");
    expect(await approvals(fixture)).toMatchObject([{ status: "approved" }]);
  });

  test("a message to the bot is dropped if there is no owner, or no group", async () => {
    const fixture = await asking();
    const { db } = fixture.central;
    await db.deleteFrom("user_roles").execute();
    await fixture.running.receive(inHall("m-1", "hello"));
    await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
    await db.deleteFrom("agent_groups").execute();
    await fixture.running.receive(inHall("m-2", "hello"));
    expect(reasons(fixture)).toEqual(["not-wired", "not-wired"]);
    expect(await approvals(fixture)).toEqual([]);
    expect(await hallOf(fixture)).toBeUndefined();
  });

  test("a chat is asked about again after the first question has expired", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello"));
    await firstCard(fixture);
    await fixture.central.db.updateTable("pending_approvals").set({ expires_at: at }).execute();
    expect(await fixture.commands.expireApprovals()).toBe(1);
    await until(() => expect(fixture.happened("held-message-ended")).toMatchObject([{ status: "expired" }]));
    await fixture.running.receive(inHall("m-2", "still here"));
    await until(() => expect(fixture.cards()).toHaveLength(2));
  });

  test("a message of a refused person makes no card", async () => {
    const fixture = await asking();
    await addRow(fixture.central.db, "refused_people", { user_id: "telegram:7" });
    await fixture.running.receive(inHall("m-1", "hello"));
    expect(reasons(fixture)).toEqual(["person-refused"]);
    expect(await approvals(fixture)).toEqual([]);
  });

  test("an approval fails with a reason if the chat was deleted meanwhile", async () => {
    const fixture = await asking();
    await fixture.running.receive(inHall("m-1", "hello"));
    const { id } = await firstCard(fixture);
    await fixture.central.db.deleteFrom("messaging_groups").where("platform_id", "=", "hall").execute();
    await fixture.click("local:ana", id, "approve");
    await until(() => expect(fixture.texts().at(-1)).toMatch(/failed: The chat no longer exists\./));
  });
});
