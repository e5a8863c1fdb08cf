import { startCode } from "@gatehouse/data-folder";
import { addRow, onPostgres } from "@gatehouse/central-database/testing";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { botOf, telegramFixture, toOwner } from "./telegram.fixture.ts";

describe("messages of people", () => {
  test("are handed over once, though Telegram repeats them and the host is killed before it confirms them", async () => {
    const { api, started, open } = await telegramFixture();
    const texts = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    for (const text of texts) api.say({ text });
    const { channel, received } = await started();
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(texts));
    await eventually(() => expect(api.pending()).toEqual([]));
    api.repeat(1000);
    api.say({ text: "last" });
    await eventually(() => expect(received.at(-1)?.text).toBe("last"));
    expect(received).toHaveLength(31);
    await channel.close();
    // A new process begins without an offset, so Telegram hands over all unconfirmed ones again.
    const again: string[] = [];
    const next = open();
    await next.start(async ({ text }) => void again.push(text));
    onTestFinished(() => next.close());
    api.say({ text: "after" });
    await eventually(() => expect(again).toEqual(["after"]));
  });

  test("of one chat wait for each other, and those of another chat do not wait", async () => {
    const { api, started } = await telegramFixture();
    let free = (): void => {};
    const busy = new Promise<void>((resolve) => (free = resolve));
    const { received } = await started(({ platformId }) =>
      platformId === "telegram:7" ? busy : Promise.resolve(),
    );
    for (const text of ["one", "two"]) api.say({ text });
    api.say({ text: "quick", chat: 8 });
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(["quick"]));
    free();
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(["quick", "one", "two"]));
  });

  test.for([
    {
      what: "a direct message",
      said: { text: "hi" },
      is: { isDirect: true, isMention: true, platformId: "telegram:7" },
    },
    {
      what: "a message in a group",
      said: { text: "hi", chat: -100, from: 7 },
      is: {
        isDirect: false,
        isMention: false,
        platformId: "telegram:-100",
        userId: "telegram:7",
        chatName: "Family",
      },
    },
    {
      what: "a mention in a group",
      said: { text: "hi @Gate_bot", chat: -100, from: 7 },
      is: { isDirect: false, isMention: true },
    },
    {
      what: "an order to the bot in a group",
      said: { text: "/cost@gate_bot", chat: -100, from: 7 },
      is: { text: "/cost", isMention: true },
    },
    {
      what: "a message that names another bot",
      said: { text: "hi @gate_bot2", chat: -100, from: 7 },
      is: { isMention: false },
    },
    {
      what: "a message in a topic",
      said: { text: "hi", chat: -100, from: 7, topic: 5 },
      is: { threadId: "5" },
    },
  ])("$what", async ({ said, is }) => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.say(said);
    await eventually(() => expect(received).toMatchObject([is]));
  });

  test("a changed text of an album replaces the album", async () => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    const files = [1, 2].map((each) => ({ name: `${each}.txt`, text: "x" }));
    const edit = api.say({ text: "both", files });
    await eventually(() => expect(received).toHaveLength(1));
    api.say({ text: "both files", edit });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]).toMatchObject({ edits: received[0]?.id, text: "both files" });
  });

  test("keep their text if Telegram does not hand a file over", async () => {
    const { api, started } = await telegramFixture();
    const { received } = await started();
    api.say({ text: "look", files: [{ name: "big.iso", text: "x", size: 20 * 2 ** 30 }] });
    api.fault({
      method: "getFile",
      kind: "error",
      code: 400,
      description: "Bad Request: wrong file_id",
      times: 3,
    });
    api.say({ text: "and", files: [{ name: "odd.txt", text: "x" }] });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received.map(({ text, attachments }) => [text, attachments])).toEqual([
      ["look\n[the file big.iso was left out: Telegram hands over at most 20 MB.]", []],
      ["and\n[the file odd.txt was left out: Telegram says: Bad Request: wrong file_id]", []],
    ]);
  });

  test("come with a file that Telegram refuses for now", async () => {
    const { api, started, logged } = await telegramFixture();
    const { received } = await started();
    const description = "Bad Request: wrong file_id or the file is temporarily unavailable";
    api.fault({ method: "getFile", kind: "error", code: 400, description, times: 2 });
    api.say({ text: "look", files: [{ name: "a.txt", text: "x" }] });
    await eventually(() =>
      expect(received).toMatchObject([{ text: "look", attachments: [{ name: "a.txt" }] }]),
    );
    expect(logged).toEqual([]);
  });

  test("on which the host fails are tried five times; then the person is told, and the next one comes", async () => {
    const { api, started, bugs } = await telegramFixture();
    let tries = 0;
    const { received } = await started(async ({ text }) => {
      if (text !== "bad") return;
      tries += 1;
      throw new Error("a bug");
    });
    api.say({ text: "bad" });
    api.say({ text: "good" });
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(["good"]));
    expect(tries).toBe(5);
    expect(bugs).toHaveLength(5);
    expect(api.seen().at(-1)?.plain).toContain("Gatehouse: The host failed on this message.");
  });
});

describe("a person's direct chat", () => {
  test("is known once they have written, and cards are tried again then", async () => {
    const { api, started, connected } = await telegramFixture();
    const { channel } = await started();
    expect(await channel.directChat("telegram:8", null)).toBeNull();
    api.say({ text: "/start", chat: 8 });
    await eventually(() => expect(connected()).toBe(1));
    expect(await channel.directChat("telegram:8", null)).toEqual({ platformId: "telegram:8", instance: "" });
    expect(await channel.directChat("local:ana", null)).toBeNull();
  });

  test("is lost when they block the bot: the owners are told once; it is back when they write again", async () => {
    const { api, started, central, connected } = await telegramFixture();
    const { channel } = await started();
    api.say({ text: "hi", chat: 8 });
    await eventually(() => expect(connected()).toBe(1));
    api.block(8);
    const notices = () => central.db.selectFrom("owner_notices").select("text").execute();
    await eventually(async () => expect(await notices()).toHaveLength(1));
    const blocked = await channel.send(toOwner({ platformId: "telegram:8" }));
    expect(blocked).toMatchObject({ ok: false, error: { code: "blocked" } });
    expect(await channel.directChat("telegram:8", null)).toBeNull();
    expect(await notices()).toEqual([
      { text: "The telegram chat telegram:8 has blocked or removed the bot, so nothing is sent there." },
    ]);
    api.unblock(8);
    api.say({ text: "back", chat: 8 });
    await eventually(() => expect(connected()).toBe(2));
    expect(await channel.send(toOwner({ platformId: "telegram:8" }))).toMatchObject({ ok: true });
  });
});

describe("the press of Start", () => {
  /** A member of the group Ana, whose chat no group answers in yet. */
  const member = async () => {
    const fixture = await telegramFixture();
    const { db } = fixture.central;
    await addRow(db, "users", { id: "telegram:8" });
    await addRow(db, "agent_group_members", { user_id: "telegram:8", agent_group_id: "ag-1" });
    const { api } = fixture;
    const bot = botOf(api);
    const link = (now = new Date().toISOString(), { groupId = "ag-1", of = bot } = {}) =>
      startCode(of, { userId: "telegram:8", groupId, now });
    const chats = () =>
      db
        .selectFrom("messaging_group_agents")
        .innerJoin("messaging_groups", "messaging_groups.id", "messaging_group_id")
        .select(["platform_id", "instance", "agent_group_id"])
        .execute();
    const said = (chat = 8) => api.seen(chat).flatMap(({ from, plain }) => (from.is_bot ? [plain] : []));
    return { ...fixture, ...(await fixture.started()), db, link, chats, said };
  };
  const hello = "Gatehouse: Hello. What you write here goes to Team.";

  test("with a link wires the person's chat to the group of the link, and says so each time", async () => {
    const { api, link, chats, said, received } = await member();
    api.say({ text: `/start ${link()}`, chat: 8 });
    await eventually(() => expect(said()).toEqual([hello]));
    api.say({ text: `/start ${link()}`, chat: 8 });
    api.say({ text: "/start", chat: 8 });
    api.say({ text: "hi", chat: 8 });
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(["hi"]));
    expect(said()).toEqual([hello, hello, hello]);
    expect(await chats()).toEqual([{ platform_id: "telegram:8", instance: "", agent_group_id: "ag-1" }]);
  });

  const isVoid = expect.stringContaining("This link is for another account or another bot") as string;
  const otherBot = { type: "telegram", bot: "lab", username: "lab_bot", token: `43:${"B".repeat(35)}` };

  test.for([
    { what: "of another account", chat: 9 },
    { what: "that is older than a day", age: 86_400_000 },
    { what: "of another bot", of: otherBot },
    { what: "of a person who is no member any more", isMember: false },
    { what: "of a person who was refused", isRefused: true },
  ])("with a link $what wires nothing", async ({ chat = 8, age = 0, of, isMember = true, isRefused }) => {
    const { api, db, link, chats, said, received } = await member();
    if (!isMember) await db.deleteFrom("agent_group_members").execute();
    if (isRefused === true) await addRow(db, "refused_people", { user_id: "telegram:8" });
    const code = link(new Date(Date.now() - age).toISOString(), of === undefined ? {} : { of });
    api.say({ text: `/start ${code}`, chat });
    await eventually(() => expect(said(chat)).toEqual([isVoid]));
    expect(await chats()).toEqual([]);
    expect(received).toEqual([]);
  });

  test("with a link that was used wires nothing again; a later link does", async () => {
    const { api, db, link, chats, said } = await member();
    const [used, other] = [link(), link(undefined, { groupId: "ag-2" })];
    await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await addRow(db, "agent_group_members", { user_id: "telegram:8", agent_group_id: "ag-2" });
    api.say({ text: `/start ${used}`, chat: 8 });
    // In a wired chat no link changes the group.
    api.say({ text: `/start ${other}`, chat: 8 });
    await eventually(() => expect(said()).toEqual([hello, hello]));
    await db.deleteFrom("messaging_group_agents").execute();
    for (const code of [used, other]) api.say({ text: `/start ${code}`, chat: 8 });
    await eventually(() => expect(said().slice(2)).toEqual([isVoid, isVoid]));
    expect(await chats()).toEqual([]);
    const later = new Date(Date.now() + 2_000).toISOString();
    api.say({ text: `/start ${link(later, { groupId: "ag-2" })}`, chat: 8 });
    await eventually(() => expect(said().at(-1)).toBe("Gatehouse: Hello. What you write here goes to Bo."));
  });

  test("with a link of a further bot wires the chat with that bot alone", async () => {
    const { api, channel, link, chats, said } = await member();
    const lab = api.addBot(otherBot);
    await channel.use([botOf(api), otherBot]);
    lab.say({ text: `/start ${link(undefined, { of: otherBot })}`, chat: 8 });
    await eventually(async () =>
      expect(await chats()).toEqual([{ platform_id: "telegram:8", instance: "lab", agent_group_id: "ag-1" }]),
    );
    await eventually(() => expect(lab.seen(8).at(-1)?.plain).toBe(hello));
    expect(said()).toEqual([]);
  });

  test("is no press if a person changes an earlier message to it", async () => {
    const { api, link, chats, said, received } = await member();
    const edit = api.say({ text: "hi", chat: 8 });
    api.say({ text: `/start ${link()}`, chat: 8, edit });
    await eventually(() => expect(received).toHaveLength(2));
    expect(said()).toEqual([]);
    expect(await chats()).toEqual([]);
  });

  test("without a link, in a chat that no group answers in, is for the host", async () => {
    const { api, said, received } = await member();
    api.say({ text: "/start", chat: 8 });
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(["/start"]));
    expect(said()).toEqual([]);
  });
});

test("a line that begins as an answer to a card does is not for the agent", async () => {
  const { api, started } = await telegramFixture();
  const { received } = await started();
  api.say({ text: "approve f394" });
  api.say({ text: "approve of this plan" });
  await eventually(() => expect(received.map(({ text }) => text)).toEqual(["approve of this plan"]));
  const said = api.seen().flatMap(({ from, plain }) => (from.is_bot ? [plain] : []));
  expect(said).toEqual([expect.stringContaining("was not sent to the agent")]);
});

describe("the lease to receive", () => {
  test("is one host's; the other one receives after it has closed", async () => {
    const { api, open } = await telegramFixture();
    const taken: string[] = [];
    const channels = ["one", "two"].map((name) => ({ name, channel: open({ owner: name, isShared: true }) }));
    for (const { name, channel } of channels) {
      await channel.start(async ({ text }) => void taken.push(`${name} ${text}`));
      onTestFinished(() => channel.close());
    }
    api.say({ text: "a" });
    await eventually(() => expect(taken).toHaveLength(1));
    const isFirst = taken[0] === "one a";
    await channels[isFirst ? 0 : 1]?.channel.close();
    api.say({ text: "b" });
    await eventually(() => expect(taken[1]).toBe(isFirst ? "two b" : "one b"));
    expect(api.calls("getUpdates").filter(({ outcome }) => outcome.includes("Conflict"))).toEqual([]);
  });

  test("is of the host that hands over what waited for an answer", async () => {
    const { api, open, central } = await telegramFixture();
    const { db } = central;
    const question = { approval_id: "ap-1", kind: "sender", status: "pending", session_id: null };
    await addRow(db, "pending_approvals", question);
    const taken: string[] = [];
    const hosts = ["one", "two"].map((name) => ({ name, channel: open({ owner: name, isShared: true }) }));
    for (const { name, channel } of hosts) {
      await channel.start(async (message) => {
        taken.push(`${name} ${message.waitsFor ?? "asks"}`);
        if (message.waitsFor === undefined) await channel.hold(db, message, { approvalId: "ap-1", most: 21 });
      });
      onTestFinished(() => channel.close());
    }
    api.say({ text: "may I?" });
    await eventually(() => expect(taken).toHaveLength(1));
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    const isFirst = taken[0] === "one asks";
    const [other, owner] = isFirst ? [hosts[1], hosts[0]] : hosts;
    await other?.channel.questionsAnswered();
    await other?.channel.close();
    expect(taken).toHaveLength(1);
    await owner?.channel.questionsAnswered();
    await eventually(() => expect(taken[1]).toBe(`${owner?.name} ap-1`));
  });

  test("of a host that lost it stores nothing and confirms nothing", async () => {
    const { api, open, central } = await telegramFixture();
    const channel = open({ isShared: true });
    const taken: string[] = [];
    await channel.start(async ({ text }) => void taken.push(text));
    onTestFinished(() => channel.close());
    await eventually(() => expect(api.calls("getUpdates").length).toBeGreaterThan(0));
    // Another host takes it while this one waits for updates.
    await central.db
      .updateTable("leases")
      .set({ owner: "other", token: 99, expires_at: "2999-01-01T00:00:00.000Z" })
      .execute();
    api.say({ text: "a" });
    await eventually(() => expect(api.calls("getUpdates").length).toBeGreaterThan(0));
    await channel.close();
    expect(taken).toEqual([]);
    expect(await central.db.selectFrom("messenger_updates").selectAll().execute()).toEqual([]);
    expect(api.pending()).toHaveLength(1);
  });
});

test("an update of an unknown form is reported, and the next message of its chat comes", async () => {
  const { central, api, started, bugs } = await telegramFixture();
  await addRow(central.db, "messenger_updates", { chat: "telegram:7", content: "{" });
  const { received } = await started();
  api.say({ text: "hi" });
  await eventually(() => expect(received.map(({ text }) => text)).toEqual(["hi"]));
  expect(bugs.length).toBeGreaterThan(0);
});

test("another program that receives the bot's updates is named once in the log, until it has ended", async () => {
  const { api, started, central, logged } = await telegramFixture();
  const conflict = "Conflict: terminated by other getUpdates request";
  api.fault({ method: "getUpdates", kind: "error", code: 409, description: conflict, times: 3 });
  const { received } = await started();
  await eventually(() => expect(api.calls("getUpdates").length).toBeGreaterThan(3));
  expect(logged).toEqual([
    {
      event: "messenger-trouble",
      fields: {
        channel: "telegram",
        bot: "",
        reason: expect.stringContaining(
          `Another program receives the updates of this bot. Telegram says: ${conflict}. To mend it, end`,
        ) as string,
      },
    },
  ]);
  api.say({ text: "hi" });
  await eventually(() => expect(received).toHaveLength(1));
  await eventually(async () =>
    expect(await central.db.selectFrom("messenger_bots").select("trouble").execute()).toEqual([
      { trouble: null },
    ]),
  );
});

test("routed updates are forgotten after two days, and waiting ones are kept", async () => {
  const { central, started } = await telegramFixture();
  const [old, young] = ["2026-01-01T00:00:00.000Z", new Date().toISOString()];
  for (const [update_id, routed_at] of [
    [1, old],
    [2, young],
  ] as const)
    await addRow(central.db, "messenger_updates", { update_id, routed_at, message_id: `m-${update_id}` });
  await started();
  const left = await central.db.selectFrom("messenger_updates").select("update_id").execute();
  expect(left).toEqual([{ update_id: 2 }]);
});

test("an update that cannot be stored ends only itself, and the log names it", async ({ skip }) => {
  skip(onPostgres, "the host fails by a trigger of SQLite");
  const { api, central, open, logged, bugs } = await telegramFixture();
  await sql`create trigger no_bad before insert on messenger_updates
    when new.content like '%bad%' begin select raise(abort, 'not this one'); end`.execute(central.db);
  for (const text of ["one", "bad", "two"]) api.say({ text });
  const received: string[] = [];
  const channel = open();
  await channel.start(async ({ text }) => void received.push(text));
  onTestFinished(() => channel.close());
  await eventually(() => expect(received).toEqual(["one", "two"]));
  await eventually(() => expect(api.pending()).toEqual([]));
  expect(bugs).toHaveLength(1);
  expect(logged).toMatchObject([
    { event: "update-left-out", fields: { channel: "telegram", chat: "telegram:7" } },
  ]);
});
