import { expect, test } from "vitest";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { personOfSession } from "./person-of-session.ts";

type Case = {
  readonly what: string;
  readonly chat: Readonly<Record<string, unknown>>;
  /** People whom the host reaches in the chat. */
  readonly dms?: readonly string[];
  readonly account: string | null;
};

test.for<Case>([
  { what: "a person with an account", chat: { user_id: "telegram:5" }, account: "ada" },
  {
    what: "that person on another channel",
    chat: { user_id: "telegram:5", channel_type: "local", platform_id: "telegram:5/ag-2" },
    account: "ada",
  },
  { what: "a person without an account", chat: { user_id: "telegram:6" }, account: null },
  { what: "a person who is not in users.yaml", chat: { user_id: "telegram:9" }, account: null },
  {
    what: "another person, with the person's id",
    chat: { user_id: "telegram:9", platform_id: "telegram:5" },
    account: null,
  },
  { what: "no known person, with the person's id", chat: { platform_id: "telegram:5" }, account: null },
  {
    what: "no known person, in which the host reaches that person",
    chat: {},
    dms: ["telegram:5"],
    account: null,
  },
  { what: "several people", chat: { platform_id: "telegram:5", is_group: 1 }, account: null },
])("a session in a chat of $what runs as $account", async ({ chat, dms = [], account }) => {
  const { db, sessionId } = await prepared(chat, dms);
  expect((await personOfSession(db, sessionId))?.account ?? null).toBe(account);
});

test.each([
  { user: "telegram:5", folder: "5" },
  { user: "slack:T1:U5", folder: "5" },
  { user: "slack:T1:U7", folder: "slack-T1-U7" },
])("the person of $user has the folder $folder", async ({ user, folder }) => {
  const { db, sessionId } = await prepared({ user_id: user }, []);
  expect((await personOfSession(db, sessionId))?.folder).toBe(folder);
});

test("a session of several chats, or an unknown session, runs as the host", async () => {
  const { db } = await prepared({}, []);
  await addRow(db, "sessions", { id: "se-shared", agent_group_id: "ag-p", messaging_group_id: null });
  expect(await personOfSession(db, "se-shared")).toBeNull();
  expect(await personOfSession(db, "se-none")).toBeNull();
});

const prepared = async (chat: object, dms: readonly string[]) => {
  const { db } = await openedCentral(temporaryFolder());
  await addRow(db, "agent_groups", { id: "ag-p", folder: "p" });
  // The entry of telegram:5 is as 0.1.0 wrote it.
  const entries = {
    "telegram:5": { telegram_id: 5, os_user: "ada" },
    "telegram:6": { telegram_id: 6, slack: null, os_user: null },
    "slack:T1:U5": { telegram_id: 5, slack: "T1:U5", os_user: "ada" },
    "slack:T1:U7": { telegram_id: null, slack: "T1:U7", os_user: "eve" },
  };
  for (const [id, entry] of Object.entries(entries)) {
    await addRow(db, "users", { id });
    await addRow(db, "file_users", { user_id: id, entry: JSON.stringify(entry) });
  }
  await addRow(db, "messaging_groups", { id: "mg-p", platform_id: "p", ...chat });
  for (const user_id of dms) await addRow(db, "user_dms", { user_id, messaging_group_id: "mg-p" });
  await addRow(db, "sessions", { id: "se-p", agent_group_id: "ag-p", messaging_group_id: "mg-p" });
  return { db, sessionId: "se-p" };
};
