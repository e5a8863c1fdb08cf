import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import type { Channel, ToChat } from "../channel.ts";
import { noInbox } from "../testing/channel-bench.ts";
import { tellOwners } from "./tell-owners.ts";

type Row = { readonly told_at: string | null };

/** A host with a notice, and a channel `telegram` that keeps what it sends. */
const noticed = async () => {
  const { db } = await openedCentral(temporaryFolder());
  const sent: ToChat[] = [];
  const reach = { isDown: false };
  let ids = 0;
  const telegram: Channel = {
    type: "telegram",
    ...noInbox,
    start: async () => {},
    close: async () => {},
    send: async (message) => {
      if (reach.isDown) return { ok: false, error: { code: "not-reachable", message: "down" } };
      sent.push(message);
      return { ok: true, value: { platformMessageId: null } };
    },
    ended: async () => {},
    directChat: async (userId, stored) =>
      stored === null ? { platformId: `chat-of-${userId}`, instance: "" } : null,
  };
  await addRow(db, "owner_notices", { id: "budget/group/ag-1", text: "80 % are used." });
  const owner = async (id: string, role: object = {}): Promise<void> => {
    await addRow(db, "users", { id });
    await addRow(db, "user_roles", { user_id: id, role: "owner", agent_group_id: null, ...role });
  };
  const tell = (): Promise<boolean> =>
    tellOwners({
      db,
      channels: [telegram],
      now: () => at,
      id: (prefix) => `${prefix}-${(ids += 1)}`,
      commands: () => [],
      answerUser: () => expect.fail("nothing is answered"),
      report: (error) => expect.fail(String(error)),
    });
  const notices = (): Promise<readonly Row[]> => db.selectFrom("owner_notices").selectAll().execute();
  return { db, sent, reach, owner, tell, notices };
};

describe("a notice", () => {
  test("goes to each owner of the host once, in a chat that is opened for it", async () => {
    const { sent, owner, tell, notices } = await noticed();
    await owner("telegram:1");
    await owner("telegram:2");
    await owner("telegram:3", { role: "admin" });
    await owner("telegram:4", { agent_group_id: "ag-1" }).catch(() => {});
    expect(await tell()).toBe(true);
    expect(sent.map(({ platformId, text }) => [platformId, text])).toEqual([
      ["chat-of-telegram:1", "80 % are used."],
      ["chat-of-telegram:2", "80 % are used."],
    ]);
    expect(await notices()).toMatchObject([{ told_at: at }]);
    expect(await tell()).toBe(true);
    expect(sent).toHaveLength(2);
  });

  test("waits until an owner can be reached", async () => {
    const { sent, reach, owner, tell, notices } = await noticed();
    expect(await tell()).toBe(false);
    await owner("telegram:1");
    reach.isDown = true;
    expect(await tell()).toBe(false);
    expect(await notices()).toMatchObject([{ told_at: null }]);
    reach.isDown = false;
    expect(await tell()).toBe(true);
    expect(sent).toMatchObject([{ id: "notice-budget/group/ag-1-telegram:1" }]);
  });

  test("is not told to an owner who left users.yaml", async () => {
    const { db, sent, owner, tell } = await noticed();
    await owner("telegram:1");
    await addRow(db, "refused_people", { user_id: "telegram:1" });
    expect(await tell()).toBe(false);
    expect(sent).toEqual([]);
  });

  test("is deleted 30 days after it was told", async () => {
    const { db, owner, tell, notices } = await noticed();
    await owner("telegram:1");
    await addRow(db, "owner_notices", { id: "old", told_at: "2026-10-01T00:00:00.000Z" });
    await tell();
    expect(await notices()).toHaveLength(1);
    expect(await db.selectFrom("owner_notices").select("id").execute()).toEqual([
      { id: "budget/group/ag-1" },
    ]);
  });
});
