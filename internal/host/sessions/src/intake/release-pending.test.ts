import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { FromPerson } from "@gatehouse/channels";
import { describe, expect, test } from "vitest";
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

/** An approved question of the session `se-1` with these messages: the first one, and those that wait behind it. */
const approved = async (...messages: readonly FromPerson[]) => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  await addRow(db, "sessions");
  await addRow(db, "pending_approvals", { status: "approved", kind: "sender" });
  for (const [position, one] of messages.entries()) {
    const row = {
      approval_id: "ap-1",
      message_id: one.id,
      user_id: one.userId,
      message: JSON.stringify(one),
    };
    if (position === 0) await addRow(db, "held_messages", row);
    else await addRow(db, "later_messages", { ...row, position });
  }
  const left = async () =>
    (await db.selectFrom("later_messages").select("message_id").orderBy("position").execute()).map(
      ({ message_id }) => message_id,
    );
  return { ...fixture, db, left };
};
const torn = { at: null as unknown as string };
const quick = { tickMs: 20, wakeRetryMs: 5 };

describe("messages behind an approved one", () => {
  test("wait while the host fails on the first", async () => {
    const { central, host, left, agent } = await approved(fromAna("m-1", "one"), fromAna("m-2", "two"));
    const { seen, rows } = faultyRows(central.loop);
    seen.refuses = ({ kind, text }) => kind === "InsertQueryNode" && text.includes("m-1");
    const reported: unknown[] = [];
    const { runtime } = fakeRuntime({ install });
    const report = (error: unknown) => void reported.push(error);
    await host({ runtime, central: { ...central, loop: rows }, report, times: quick });
    await until(() => expect(reported.length).toBeGreaterThan(1));
    expect(await left()).toEqual(["m-2"]);
    seen.refuses = () => false;
    await until(async () => expect(await left()).toEqual([]));
    await until(async () => expect(await given(agent("se-1"))).toEqual(["one", "two"]));
  });

  test("wait behind one on which the host fails, until it is given up and its sender told", async () => {
    const messages = [fromAna("m-1", "one"), fromAna("m-2", "bad", torn), fromAna("m-3", "three")];
    const { host, left, agent, texts } = await approved(...messages);
    const leftAtFailures: Promise<readonly string[]>[] = [];
    const { runtime } = fakeRuntime({ install });
    await host({ runtime, report: () => void leftAtFailures.push(left()), times: quick });
    await until(async () => expect(await left()).toEqual([]));
    await until(async () => expect(await given(agent("se-1"))).toEqual(["one", "three"]));
    expect(await Promise.all(leftAtFailures)).toEqual(Array.from({ length: 5 }, () => ["m-2", "m-3"]));
    expect(texts()).toEqual([
      "Your message was not passed on: the host failed on it; its log has the details.",
    ]);
  });

  test("are passed on once by two hosts, and ask about another sender once", async () => {
    const bob = { userId: "local:bob" };
    const ids = Array.from({ length: 10 }, (_, index) => `m-${index + 1}`);
    const { db, host, left, agent } = await approved(
      ...ids.map((id) => fromAna(id, id)),
      fromAna("b-1", "of Bob", bob),
      fromAna("b-2", "of Bob, too", bob),
    );
    await db.updateTable("messaging_groups").set({ unknown_sender_policy: "request_approval" }).execute();
    await db.updateTable("pending_approvals").set({ status: "pending" }).execute();
    const { runtime } = fakeRuntime({ install });
    const shared = { runtime, isAlone: false };
    const hosts = [await host(shared), await host(shared)];
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    await Promise.all(hosts.map(({ followApprovals }) => followApprovals()));
    const pending = db.selectFrom("pending_approvals").select("kind").where("status", "=", "pending");
    await until(async () => expect(await left()).toEqual(["b-2"]));
    expect(await pending.execute()).toEqual([{ kind: "sender" }]);
    await until(async () => expect(await given(agent("se-1"))).toEqual(ids));
  });

  test("are of the chat's new id if it has moved since", async () => {
    const { db, host, left, agent } = await approved(fromAna("m-1", "one"), fromAna("m-2", "two"));
    await db.updateTable("messaging_groups").set({ platform_id: "moved" }).execute();
    await host({ runtime: fakeRuntime({ install }).runtime, times: quick });
    await until(async () => expect(await left()).toEqual([]));
    await until(async () => expect(await given(agent("se-1"))).toEqual(["one", "two"]));
    const rows = db.selectFrom("session_messages_in").select("platform_id").distinct();
    expect(await rows.execute()).toEqual([{ platform_id: "moved" }]);
  });

  test.for(["rejected", "expired", "failed"])(
    "are removed, and their senders told, if it is %s",
    async (status) => {
      const { db, host, left, texts } = await approved(fromAna("m-1", "one"), fromAna("m-2", "two"));
      await db.updateTable("pending_approvals").set({ status }).execute();
      await host({ runtime: fakeRuntime({ install }).runtime, times: quick });
      await until(async () => expect(await left()).toEqual([]));
      expect(texts()).toHaveLength(2);
      expect(new Set(texts()).size).toBe(1);
    },
  );

  test("wait while it is pending", async () => {
    const { db, host, left, happened } = await approved(fromAna("m-1", "one"), fromAna("m-2", "two"));
    await db.updateTable("pending_approvals").set({ status: "pending" }).execute();
    const running = await host({ runtime: fakeRuntime({ install }).runtime, times: quick });
    await running.followApprovals();
    expect(await left()).toEqual(["m-2"]);
    expect(happened("held-message-ended")).toEqual([]);
  });
});
