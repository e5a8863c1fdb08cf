import { addRow, at } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { findMessages, groupStates, openMessages } from "./overview.ts";
import { describeOnBoth } from "./two-hosts.fixture.ts";

const now = "2026-11-20T08:00:00.000Z";
const message = { session_id: "se-1", kind: "chat", trigger: 1 } as const;

describeOnBoth("what pages show of groups and sessions", ({ twoHosts }) => {
  test("has the state of each group, with its newest message and what waits", async (context) => {
    const [db] = await twoHosts(context);
    await db.updateTable("sessions").set({ container_status: "running" }).where("id", "=", "se-1").execute();
    await addRow(db, "session_messages_in", {
      ...message,
      id: "m-1",
      seq: 2,
      timestamp: "2026-11-20T07:00:00.000Z",
    });
    await addRow(db, "session_messages_in", {
      ...message,
      id: "m-2",
      seq: 4,
      timestamp: "2026-11-20T07:30:00.000Z",
    });
    await addRow(db, "session_messages_in", {
      ...message,
      id: "m-3",
      seq: 6,
      kind: "system",
      timestamp: now,
    });
    await addRow(db, "pending_approvals", {
      approval_id: "ap-1",
      session_id: "se-1",
      expires_at: "2027-01-01T00:00:00.000Z",
    });
    await addRow(db, "pending_approvals", { approval_id: "ap-2", session_id: "se-1", expires_at: at });
    const [state] = (await groupStates(db, now)).filter(({ sessions }) => sessions > 0);
    expect(state).toMatchObject({ running: 1, waits: 1, lastMessageAt: "2026-11-20T07:30:00.000Z" });
  });

  test("counts what an agent has not answered, and since when it is at work", async (context) => {
    const [db] = await twoHosts(context);
    await addRow(db, "session_messages_in", { ...message, id: "m-1", seq: 2, claimed_at: now });
    await addRow(db, "session_messages_in", { ...message, id: "m-2", seq: 4 });
    await addRow(db, "session_messages_in", { ...message, id: "m-3", seq: 6, status: "completed" });
    await addRow(db, "session_messages_in", { ...message, id: "m-4", seq: 8, kind: "system" });
    expect(await openMessages(db)).toEqual([{ sessionId: "se-1", count: 2, inWorkSince: now }]);
  });

  test.for([
    { text: "NEEDLE", found: ["a needle", "100% needle_x"] },
    { text: "% needle_", found: ["100% needle_x"] },
    { text: 'say "hi"', found: ['they say "hi"'] },
    { text: String.raw`C:\dir`, found: [String.raw`in C:\dir`] },
    { text: "needle%x", found: [] },
  ])("finds messages that have $text", async ({ text, found }, context) => {
    const [db] = await twoHosts(context);
    const texts = ["a needle", "100% needle_x", 'they say "hi"', String.raw`in C:\dir`];
    for (const [index, one] of texts.entries())
      await addRow(db, index === 1 ? "session_messages_out" : "session_messages_in", {
        session_id: "se-1",
        id: `m-${index}`,
        seq: 2 * index + (index === 1 ? 1 : 2),
        kind: "chat",
        content: JSON.stringify({ text: one }),
        timestamp: `2026-11-20T07:0${9 - index}:00.000Z`,
      });
    expect((await findMessages(db, text, 10)).map((one) => one.text)).toEqual(found);
    expect(await findMessages(db, text, 1)).toHaveLength(Math.min(1, found.length));
  });
});
