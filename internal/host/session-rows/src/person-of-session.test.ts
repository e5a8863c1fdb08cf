import { expect, test } from "vitest";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { personOfSession } from "./person-of-session.ts";

test.for([
  { what: "the handle of a person with an account", chat: { platform_id: "5" }, account: "ada" },
  { what: "the full id of that person", chat: { platform_id: "telegram:5" }, account: "ada" },
  {
    what: "a row of user_dms for that person",
    chat: { platform_id: "77" },
    dms: ["telegram:5"],
    account: "ada",
  },
  {
    what: "that person's terminal",
    chat: { channel_type: "local", platform_id: "telegram:5" },
    account: "ada",
  },
  {
    what: "that person's terminal for a further group",
    chat: { channel_type: "local", platform_id: "telegram:5/ag-2" },
    account: "ada",
  },
  { what: "a person without an account", chat: { platform_id: "6" }, account: null },
  { what: "a person who is not in users.yaml", chat: { platform_id: "9" }, account: null },
  {
    what: "the same handle on another channel",
    chat: { channel_type: "discord", platform_id: "5" },
    account: null,
  },
  { what: "a room", chat: { platform_id: "5", is_group: 1 }, account: null },
])("a session in a chat with $what runs as $account", async ({ chat, dms = [], account }) => {
  const { db, sessionId } = await prepared(chat, dms);
  expect(await accountOfSession(db, sessionId)).toEqual({ ok: true, value: account });
});

test("a session of several chats, or an unknown session, runs as the host", async () => {
  const { db } = await prepared({}, []);
  await addRow(db, "sessions", { id: "se-shared", agent_group_id: "ag-p", messaging_group_id: null });
  expect(await accountOfSession(db, "se-shared")).toEqual({ ok: true, value: null });
  expect(await accountOfSession(db, "se-none")).toEqual({ ok: true, value: null });
});

test("refuses a chat of two people with different accounts", async () => {
  const { db, sessionId } = await prepared({ platform_id: "77" }, ["telegram:5", "telegram:6"]);
  expect(await accountOfSession(db, sessionId)).toEqual({
    ok: false,
    error: expect.stringContaining("telegram:5 and telegram:6") as unknown,
  });
});

const accountOfSession = async (...args: Parameters<typeof personOfSession>) => {
  const person = await personOfSession(...args);
  return person.ok ? { ok: true, value: person.value?.account ?? null } : person;
};

const prepared = async (chat: object, dms: readonly string[]) => {
  const { db } = await openedCentral(temporaryFolder());
  await addRow(db, "agent_groups", { id: "ag-p", folder: "p" });
  for (const [id, os_user] of [
    ["telegram:5", "ada"],
    ["telegram:6", null],
  ] as const) {
    await addRow(db, "users", { id });
    await addRow(db, "file_users", { user_id: id, entry: JSON.stringify({ os_user }) });
  }
  await addRow(db, "messaging_groups", { id: "mg-p", platform_id: "p", ...chat });
  for (const user_id of dms)
    await addRow(db, "user_dms", { user_id, messaging_group_id: "mg-p", channel_type: user_id });
  await addRow(db, "sessions", { id: "se-p", agent_group_id: "ag-p", messaging_group_id: "mg-p" });
  return { db, sessionId: "se-p" };
};
