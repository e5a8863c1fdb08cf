import { expect, test } from "vitest";
import type { ClockAndIds } from "@gatehouse/command-context";
import { takeLease } from "./leases.ts";
import {
  closeSession,
  containerEnded,
  containerStarted,
  sessionFor,
  startContainerRow,
  touchSession,
} from "./session-rows.ts";
import { describeOnBoth, type TwoHosts } from "./two-hosts.fixture.ts";

const sessionId = "se-1";
const key = { groupId: "ag-1", messagingGroupId: "mg-1", threadId: null };
const clock = (name: string): ClockAndIds => {
  let ids = 0;
  return { now: () => "2026-11-21T08:00:00.000Z", id: (prefix) => `${prefix}-${name}-${(ids += 1)}` };
};

const rowOf = ([db]: TwoHosts) =>
  db.selectFrom("sessions").selectAll().where("id", "=", sessionId).executeTakeFirstOrThrow();

describeOnBoth("a session's row", ({ twoHosts }) => {
  test("is the active one, and is made if there is none", async (context) => {
    const [db] = await twoHosts(context);
    const ids = clock("a");
    expect(await sessionFor(db, key, ids)).toEqual({ id: "se-1", isNew: false });
    const thread = { ...key, threadId: "t-1" };
    expect(await sessionFor(db, thread, ids)).toEqual({ id: "se-a-1", isNew: true });
    expect(await sessionFor(db, thread, ids)).toEqual({ id: "se-a-1", isNew: false });
    const all = { ...key, messagingGroupId: null };
    expect(await sessionFor(db, all, ids)).toEqual({ id: "se-a-2", isNew: true });
    expect(await sessionFor(db, all, ids)).toEqual({ id: "se-a-2", isNew: false });
  });

  test("is made once if two hosts want it at the same time", async (context) => {
    const [one, other] = await twoHosts(context);
    const thread = { ...key, threadId: "t-1" };
    const found = await Promise.all([
      sessionFor(one, thread, clock("one")),
      sessionFor(other, thread, clock("other")),
    ]);
    expect(found[0]?.id).toBe(found[1]?.id);
    expect(found.map((session) => session?.isNew).toSorted()).toEqual([false, true]);
  });

  test("is a new one after the old one was closed", async (context) => {
    const [db] = await twoHosts(context);
    await takeLease(db, { sessionId, owner: "host-1", ttlMs: 60_000 });
    expect(await closeSession(db, { sessionId, token: 1 })).toMatchObject({ ok: true });
    expect(await sessionFor(db, key, clock("a"))).toEqual({ id: "se-a-1", isNew: true });
  });

  test("keeps the end of its container even if the start is written after it", async (context) => {
    const hosts = await twoHosts(context);
    const [db] = hosts;
    await takeLease(db, { sessionId, owner: "host-1", ttlMs: 60_000 });
    const held = { sessionId, token: 1 };
    expect(await startContainerRow(db, held, { generation: 1, agent: null })).toMatchObject({
      ok: true,
    });
    expect(await containerEnded(db, held, { incarnation: 1 })).toMatchObject({ ok: true });
    expect(await containerStarted(db, held, { incarnation: 1, reference: "c-1" })).toMatchObject({
      ok: true,
    });
    expect(await rowOf(hosts)).toMatchObject({ container_status: "stopped", container_ref: null });
  });

  test.for([
    { gone: "group", key: { ...key, groupId: "ag-9" } },
    { gone: "chat", key: { ...key, messagingGroupId: "mg-9" } },
  ])("is not made if its $gone no longer exists", async ({ key }, context) => {
    const [db] = await twoHosts(context);
    expect(await sessionFor(db, key, clock("a"))).toBeNull();
  });

  test("counts its containers, and ignores the end of an earlier one", async (context) => {
    const hosts = await twoHosts(context);
    const [db] = hosts;
    await takeLease(db, { sessionId, owner: "host-1", ttlMs: 60_000 });
    const held = { sessionId, token: 1 };
    const agent = {
      provider: { value: "claude", from: "default" },
      model: { value: "opus", from: "session" },
    } as const;
    const first = await startContainerRow(db, held, { generation: 3, agent });
    expect(first).toEqual({ ok: true, value: { incarnation: 1 } });
    expect(await rowOf(hosts)).toMatchObject({
      incarnation: 1,
      container_status: "running",
      container_ref: null,
      config_generation: 3,
      container_agent: JSON.stringify(agent),
    });
    await containerStarted(db, held, { incarnation: 1, reference: "c-1" });
    expect(await rowOf(hosts)).toMatchObject({ container_ref: "c-1" });
    await startContainerRow(db, held, { generation: 4, agent: null });
    await containerStarted(db, held, { incarnation: 2, reference: "c-2" });
    await containerEnded(db, held, { incarnation: 1 });
    await containerStarted(db, held, { incarnation: 1, reference: "c-1" });
    expect(await rowOf(hosts)).toMatchObject({
      incarnation: 2,
      container_status: "running",
      container_ref: "c-2",
      config_generation: 4,
      container_agent: null,
    });
    await containerEnded(db, held, { incarnation: 2 });
    await touchSession(db, held, "2026-11-21T09:00:00.000Z");
    expect(await rowOf(hosts)).toMatchObject({
      incarnation: 2,
      container_status: "stopped",
      container_ref: null,
      status: "active",
      last_active: "2026-11-21T09:00:00.000Z",
    });
  });

  test("can be written only by the host with the lease, alone or within a transaction", async (context) => {
    const hosts = await twoHosts(context);
    const [db, other] = hosts;
    await takeLease(db, { sessionId, owner: "host-1", ttlMs: 0 });
    await takeLease(other, { sessionId, owner: "host-2", ttlMs: 60_000 });
    const before = await rowOf(hosts);
    const stale = { sessionId, token: 1 };
    for (const write of [
      () => startContainerRow(db, stale, { generation: 1, agent: null }),
      () => containerStarted(db, stale, { incarnation: 0, reference: "c-1" }),
      () => containerEnded(db, stale, { incarnation: 0 }),
      () => touchSession(db, stale, "2026-11-21T09:00:00.000Z"),
      () => closeSession(db, stale),
      () => db.transaction().execute((within) => closeSession(within, stale)),
    ])
      expect(await write()).toMatchObject({ ok: false, error: { code: "fenced" } });
    expect(await rowOf(hosts)).toEqual(before);
    const held = { sessionId, token: 2 };
    await other.transaction().execute((within) => touchSession(within, held, "2026-11-21T09:00:00.000Z"));
    expect(await rowOf(hosts)).toEqual({ ...before, last_active: "2026-11-21T09:00:00.000Z" });
  });
});
