import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { addRow, temporaryFolder } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { localChannel, type Channel } from "@gatehouse/channels";
import { describe, expect, test } from "vitest";
import { faultyRows } from "../faulty-rows.fixture.ts";
import { given, install, sessionFixture, until, type HostOptions } from "../session.fixture.ts";

/** A message of Ana, or of another person. */
type Said = { readonly id: string; readonly userId?: string; readonly chat?: string };

/** Messages in the inbox of the channel `local`, in their order, which wait for the approved question `ap-1` of `se-1`. */
const approved = async (...messages: readonly Said[]) => {
  const fixture = await sessionFixture();
  const { db, loop } = fixture.central;
  await addRow(db, "sessions");
  await addRow(db, "pending_approvals", { status: "approved", kind: "sender" });
  for (const [index, { id, userId = "local:ana", chat = "ana" }] of messages.entries())
    await addRow(db, "local_messages", {
      id,
      seq: index + 1,
      platform_id: chat,
      user_id: userId,
      text: id,
      waits_for: "ap-1",
    });
  const reported: unknown[] = [];
  const host = async (over: HostOptions = {}) => {
    const folder = temporaryFolder();
    const channel: Channel = localChannel({
      db,
      messages: loop,
      socketPath: join(folder, "chat.sock"),
      filesDir: join(folder, "files"),
      now: () => new Date().toISOString(),
      id: (prefix) => `${prefix}-${randomUUID()}`,
      report: (error) => void reported.push(error),
      retryMs: 500,
      isShared: over.isAlone === false,
    });
    const { runtime } = fakeRuntime({ install });
    return fixture.host({ runtime, channels: [channel], times: { tickMs: 20 }, ...over });
  };
  const left = async () => {
    const rows = db.selectFrom("local_messages").select("id").where("routed_at", "is", null);
    const ids = await rows.where("direction", "=", "in").orderBy("seq").execute();
    return ids.map(({ id }) => id);
  };
  const told = async () => {
    const rows = db.selectFrom("local_messages").select(["in_reply_to", "text"]);
    return rows.where("direction", "=", "out").orderBy("seq").execute();
  };
  return { ...fixture, db, host, left, told, reported };
};

const one = { id: "m-1" };
const two = { id: "m-2" };

test("an approved message that cannot be passed on is tried again later, and delays no message of another chat", async () => {
  const { central, db, host, left, agent, reported } = await approved(one, { id: "g-1", chat: "bo" });
  await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "bo" });
  await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
  await addRow(db, "sessions", { id: "se-2", messaging_group_id: "mg-2" });
  const { seen, rows } = faultyRows(central.loop);
  seen.refuses = ({ kind, text }) => kind === "InsertQueryNode" && text.includes("m-1");
  await host({ central: { ...central, loop: rows } });
  await until(async () => expect(await given(agent("se-2"))).toEqual(["g-1"]));
  await until(() => expect(reported.length).toBeGreaterThan(0));
  seen.refuses = () => false;
  await until(async () => expect(await given(agent("se-1"))).toEqual(["m-1"]));
  await until(async () => expect(await left()).toEqual([]));
});

describe("messages behind an approved one", () => {
  test("wait while the host fails on the first", async () => {
    const { central, host, left, agent, reported } = await approved(one, two);
    const { seen, rows } = faultyRows(central.loop);
    seen.refuses = ({ kind, text }) => kind === "InsertQueryNode" && text.includes("m-1");
    await host({ central: { ...central, loop: rows } });
    await until(() => expect(reported.length).toBeGreaterThan(0));
    expect(await left()).toEqual(["m-1", "m-2"]);
    seen.refuses = () => false;
    await until(async () => expect(await left()).toEqual([]));
    await until(async () => expect(await given(agent("se-1"))).toEqual(["m-1", "m-2"]));
  });

  test("are passed on once by two hosts, and ask about another sender once", async () => {
    const bob = { userId: "local:bob" };
    const ids = Array.from({ length: 10 }, (_, index) => `m-${index + 1}`);
    const fixture = await approved(
      ...ids.map((id) => ({ id })),
      { id: "b-1", ...bob },
      { id: "b-2", ...bob },
    );
    const { db, host, left, agent, told } = fixture;
    await db.updateTable("messaging_groups").set({ unknown_sender_policy: "request_approval" }).execute();
    await db.updateTable("pending_approvals").set({ status: "pending" }).execute();
    const hosts = [await host({ isAlone: false }), await host({ isAlone: false })];
    expect(await left()).toEqual([...ids, "b-1", "b-2"]);
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    await Promise.all(hosts.map(({ followApprovals }) => followApprovals()));
    const pending = db.selectFrom("pending_approvals").select(["kind", "message_id"]);
    await until(async () => expect(await left()).toEqual(["b-1", "b-2"]));
    await until(async () => expect(await told()).toHaveLength(2));
    expect(await pending.where("status", "=", "pending").execute()).toEqual([
      { kind: "sender", message_id: "b-1" },
    ]);
    await until(async () => expect(await given(agent("se-1"))).toEqual(ids));
  });

  test.for(["rejected", "expired", "failed"])(
    "end, and their senders are told, if it is %s",
    async (status) => {
      const { db, host, left, told } = await approved(one, two);
      await db.updateTable("pending_approvals").set({ status }).execute();
      await host();
      await until(async () => expect(await left()).toEqual([]));
      const texts = await told();
      expect(texts.map(({ in_reply_to }) => in_reply_to)).toEqual(["m-1", "m-2"]);
      expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
    },
  );

  test("wait while it is pending", async () => {
    const { db, host, left, happened } = await approved(one, two);
    await db.updateTable("pending_approvals").set({ status: "pending" }).execute();
    const running = await host();
    await running.followApprovals();
    expect(await left()).toEqual(["m-1", "m-2"]);
    expect(happened("held-message-ended")).toEqual([]);
  });
});
