import { addRow } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { telegramFixture, toOwner } from "./telegram.fixture.ts";

/** The group -100 with a wiring, as an approval would make it. */
const wired = async () => {
  const fixture = await telegramFixture();
  const { db } = fixture.central;
  await addRow(db, "messaging_groups", { id: "mg-1", platform_id: "telegram:-100", is_group: 1 });
  await addRow(db, "messaging_group_agents", { messaging_group_id: "mg-1", agent_group_id: "ag-1" });
  const chats = () => db.selectFrom("messaging_groups").select(["id", "platform_id"]).execute();
  return { ...fixture, db, chats };
};

const moved = [{ id: "mg-1", platform_id: "telegram:-200" }];

test("a group that moved while no host ran has moved before any message of either chat", async () => {
  const { api, started, chats } = await wired();
  for (const text of ["old 1", "old 2"]) api.say({ text, chat: -100, from: 7 });
  api.migrate(-100, -200);
  for (const text of ["new 1", "new 2"]) api.say({ text, chat: -200, from: 7 });
  const seen: unknown[] = [];
  const { received } = await started(async () => void seen.push(await chats()));
  await eventually(() =>
    expect(received.map(({ text }) => text)).toEqual(["old 1", "old 2", "new 1", "new 2"]),
  );
  expect(new Set(received.map(({ platformId }) => platformId))).toEqual(new Set(["telegram:-200"]));
  expect(seen).toEqual([moved, moved, moved, moved]);
});

test("a message whose file is being fetched when its group moves is of the new chat, and comes before those there", async () => {
  const { api, started, chats } = await wired();
  const { received } = await started();
  api.fault({ method: "getFile", kind: "error", retryAfter: 1 });
  api.say({ text: "see", chat: -100, from: 7, files: [{ name: "a.txt", text: "x" }] });
  await eventually(() => expect(api.calls("getFile")).toHaveLength(1));
  api.migrate(-100, -200);
  api.say({ text: "new", chat: -200, from: 7 });
  await eventually(() =>
    expect(received).toMatchObject([
      { text: "see", platformId: "telegram:-200" },
      { text: "new", platformId: "telegram:-200" },
    ]),
  );
  expect(await chats()).toEqual(moved);
});

test("a group moves only after the message that the host is receiving", async () => {
  const { api, started, chats } = await wired();
  let free = (): void => {};
  const busy = new Promise<void>((resolve) => (free = resolve));
  const { received } = await started(({ text }) => (text === "slow" ? busy : Promise.resolve()));
  api.say({ text: "slow", chat: -100, from: 7 });
  await eventually(() => expect(api.pending()).toEqual([]));
  api.migrate(-100, -200);
  api.say({ text: "new", chat: -200, from: 7 });
  await eventually(() => expect(api.pending()).toHaveLength(3));
  expect(await chats()).toEqual([{ id: "mg-1", platform_id: "telegram:-100" }]);
  free();
  await eventually(() => expect(received.map(({ text }) => text)).toEqual(["slow", "new"]));
  expect(await chats()).toEqual(moved);
});

test("a row that the new chat got meanwhile gives way, and the messages that wait there are passed on", async () => {
  const { api, db, started, chats } = await wired();
  await addRow(db, "messaging_groups", { id: "mg-2", platform_id: "telegram:-200", is_group: 1 });
  await addRow(db, "pending_approvals", {
    approval_id: "ap-1",
    kind: "chat",
    session_id: null,
    agent_group_id: null,
    status: "pending",
    messaging_group_id: "mg-2",
  });
  const { channel, received } = await started(async (message) => {
    if (message.waitsFor === undefined) await channel.hold(db, message, { approvalId: "ap-1", most: 21 });
  });
  for (const text of ["one", "two"]) api.say({ text, chat: -200, from: 7 });
  await eventually(() => expect(received).toHaveLength(2));
  api.migrate(-100, -200);
  await eventually(() =>
    expect(received.slice(2)).toMatchObject([
      { text: "one", platformId: "telegram:-200", waitsFor: "ap-1" },
      { text: "two", platformId: "telegram:-200", waitsFor: "ap-1" },
    ]),
  );
  expect(await chats()).toEqual(moved);
  const question = db.selectFrom("pending_approvals").select(["messaging_group_id", "status"]);
  expect(await question.execute()).toEqual([{ messaging_group_id: "mg-1", status: "approved" }]);
});

test("a message that waits for an answer when its group moves is handed over as of the new chat", async () => {
  const { api, db, started } = await wired();
  await addRow(db, "pending_approvals", {
    approval_id: "ap-1",
    kind: "sender",
    session_id: null,
    status: "pending",
  });
  const { channel, received } = await started(async (message) => {
    if (message.waitsFor === undefined) await channel.hold(db, message, { approvalId: "ap-1", most: 21 });
  });
  api.say({ text: "may I?", chat: -100, from: 9 });
  await eventually(() => expect(received).toHaveLength(1));
  api.migrate(-100, -200);
  await eventually(async () => {
    const chats = db.selectFrom("messenger_updates").select("chat").where("waits_for", "is not", null);
    expect(await chats.execute()).toEqual([{ chat: "telegram:-200" }]);
  });
  await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
  await channel.questionsAnswered();
  await eventually(() =>
    expect(received[1]).toMatchObject({ text: "may I?", platformId: "telegram:-200", waitsFor: "ap-1" }),
  );
});

test("an answer to the former id goes to the new chat at once, and is a reply to no message there", async () => {
  const { api, started } = await wired();
  const { channel, received } = await started();
  const said = api.say({ text: "hi", chat: -100, from: 7 });
  await eventually(() => expect(received).toHaveLength(1));
  api.fault({ method: "getUpdates", kind: "error", code: 502, description: "later", times: 3 });
  api.migrate(-100, -200);
  const inReplyTo = `telegram:42:-100:${said}`;
  const sent = await channel.send(toOwner({ platformId: "telegram:-100", inReplyTo }));
  expect(sent).toMatchObject({ ok: true });
  expect(api.seen(-200).at(-1)?.plain).toBe("pong");
  const replies = api.calls("sendMessage").map(({ payload }) => payload["reply_parameters"]);
  expect(replies).toEqual([expect.objectContaining({ message_id: said }), undefined]);
  // Sent again after a kill, it is known.
  expect(await channel.send(toOwner({ platformId: "telegram:-200", inReplyTo }))).toMatchObject({ ok: true });
  expect(api.calls("sendMessage")).toHaveLength(2);
});
