import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { faultyRows } from "../faulty-rows.fixture.ts";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";

test("an approved message that cannot be passed on is tried again later, and delays no other message", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  for (const [index, thread] of ["bad", "good"].entries()) {
    const [session_id, approval_id] = [`se-${thread}`, `ap-${index}`];
    await addRow(db, "sessions", { id: session_id, thread_id: thread });
    await addRow(db, "pending_approvals", { approval_id, session_id, status: "approved", kind: "sender" });
    const message = JSON.stringify(fromAna(`m-${thread}`, thread, { threadId: thread }));
    await addRow(db, "held_messages", { approval_id, message_id: `m-${thread}`, message });
  }
  const { seen, rows } = faultyRows(fixture.central.loop);
  seen.refuses = ({ kind, text }) => kind === "InsertQueryNode" && text.includes("se-bad");
  const reported: unknown[] = [];
  const { runtime } = fakeRuntime({ install });
  const central = { ...fixture.central, loop: rows };
  await fixture.host({ runtime, central, report: (error) => reported.push(error), times: { tickMs: 20 } });
  await until(async () => expect(await given(fixture.agent("se-good"))).toEqual(["good"]));
  expect(reported.length).toBeGreaterThan(0);
  seen.refuses = () => false;
  await until(async () => expect(await given(fixture.agent("se-bad"))).toEqual(["bad"]));
  const open = db.selectFrom("held_messages").select("approval_id").where("ended_at", "is", null);
  await until(async () => expect(await open.execute()).toEqual([]));
});

test.each([
  { what: "on which the host fails", message: fromAna("m-bad", "bad", { attachments: [] }) },
  { what: "that cannot be read", message: "torn" },
])(
  "an approved message $what is given up, and its sender is told if that is possible",
  async ({ message }) => {
    const fixture = await sessionFixture();
    const { db } = fixture.central;
    const [session_id, approval_id] = ["se-bad", "ap-0"];
    await addRow(db, "sessions", { id: session_id });
    await addRow(db, "pending_approvals", { approval_id, session_id, status: "approved", kind: "sender" });
    const json = typeof message === "string" ? message : JSON.stringify({ ...message, at: null });
    await addRow(db, "held_messages", { approval_id, message_id: "m-bad", message: json });
    const reported: unknown[] = [];
    const times = { tickMs: 20, wakeRetryMs: 5 };
    await fixture.host({
      runtime: fakeRuntime({ install }).runtime,
      report: (error) => reported.push(error),
      times,
    });
    const open = db.selectFrom("held_messages").select("approval_id").where("ended_at", "is", null);
    await until(async () => expect(await open.execute()).toEqual([]));
    expect(reported.length).toBeGreaterThan(4);
    if (typeof message !== "string")
      expect(fixture.texts()).toEqual([
        "Your message was not passed on: the host failed on it; its log has the details.",
      ]);
  },
);
