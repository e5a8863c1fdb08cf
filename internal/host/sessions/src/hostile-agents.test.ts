import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { addRow, at } from "@gatehouse/central-database/testing";
import { frameOf, plainConnection, upgradedConnection } from "@gatehouse/wire/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { dialHost } from "@gatehouse/wire/runner";
import { describe, expect, onTestFinished, test } from "vitest";
import { fromAna, install, said, sessionFixture, until } from "./session.fixture.ts";

const now = (): string => new Date().toISOString();

/** Two groups, Ana's and Bo's, each with an agent that has a message. */
const fixture = async () => {
  const made = await sessionFixture();
  const { db } = made.central;
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  await containerConfigStore(db, { now: () => at }).create("ag-2", { provider: "echo" });
  await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "bo" });
  await addRow(db, "messaging_group_agents", {
    id: "mga-2",
    messaging_group_id: "mg-2",
    agent_group_id: "ag-2",
  });
  await addRow(db, "users", { id: "local:bo", kind: "local" });
  await addRow(db, "agent_group_members", { user_id: "local:bo", agent_group_id: "ag-2" });
  const { runtime, containers } = fakeRuntime({ install });
  const host = await made.host({ runtime });
  await host.receive(fromAna("m-ana", "a secret"));
  await host.receive(fromAna("m-bo", "hello", { platformId: "bo", userId: "local:bo", userName: "Bo" }));
  await until(() => expect(containers).toHaveLength(2));
  const path = join(made.dataDir, "agents-1.sock");
  const containerOf = (group: string) => containers.find(({ spec }) => spec.label.groupId === group);
  const dial = (group: string) => {
    const agent = dialHost({ connect: () => connect(path), token: containerOf(group)?.spec.input ?? "" });
    onTestFinished(() => agent.close());
    return agent;
  };
  return { ...made, path, containerOf, dial };
};

describe("a malicious agent", { tags: ["slow"] }, () => {
  test("a malicious agent cannot end, answer or forge messages in a session of another group", async () => {
    const { dial, channel, central } = await fixture();
    const [ana, bo] = [dial("ag-1"), dial("ag-2")];
    const completed = { id: "m-ana", status: "completed", reason: null } as const;
    const forged = said("re-m-ana", { inReplyTo: "m-ana", channelType: "local", platformId: "ana" });
    await bo.commit({ acknowledgements: [completed], messages: [forged], now: now() });
    await bo.set("conversation", "bo's", now());
    await bo.ask({ id: "q", content: 1, askedAt: now() });
    const given = await bo.receive({ isFirst: true, limit: 100, now: now() });
    // The note that its forged message was not delivered may be there already.
    const ids = given.ok ? given.value.map(({ id }) => id) : [];
    expect(ids.filter((id) => id !== "undelivered-re-m-ana")).toEqual(["m-bo"]);
    expect(JSON.stringify(given)).not.toContain("secret");
    const own = await ana.receive({ isFirst: true, limit: 100, now: now() });
    expect(own).toMatchObject({ ok: true, value: [{ id: "m-ana", content: { text: "a secret" } }] });
    expect(await ana.get("conversation")).toEqual({ ok: true, value: undefined });
    expect(await ana.answerTo("q")).toEqual({ ok: true, value: undefined });
    // The real agent's answer does not collide with the forged one.
    await ana.commit({
      acknowledgements: [completed],
      messages: [{ ...forged, content: { text: "right" } }],
      now: now(),
    });
    await until(() =>
      expect(
        channel.sent.filter(({ platformId, text }) => platformId === "ana" && text === "right"),
      ).toHaveLength(1),
    );
    const { status } = await central.loop
      .selectFrom("session_messages_in")
      .select("status")
      .where("id", "=", "m-ana")
      .executeTakeFirstOrThrow();
    expect(status).toBe("completed");
  });

  test("an agent with a revoked token cannot read or write on its open connection", async () => {
    const { dial, containerOf, happened } = await fixture();
    const agent = dial("ag-1");
    expect(await agent.projection()).toMatchObject({ ok: true });
    containerOf("ag-1")?.end({ code: 1 });
    await until(() => expect(happened("container-ended")).toHaveLength(1));
    await until(async () =>
      expect(await agent.receive({ isFirst: false, limit: 1, now: now() })).toMatchObject({ ok: false }),
    );
    const late = await agent.commit({ acknowledgements: [], messages: [said("late")], now: now() });
    expect(late).toMatchObject({ ok: false });
  });

  test("an agent that announces 100 MB, in a frame or a request, is disconnected before any of it is stored", async () => {
    const { path, dial } = await fixture();
    const before = process.memoryUsage.rss();
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(100_000_000n);
    const frame = Buffer.concat([Buffer.from([0x81, 0xff]), length, Buffer.alloc(4)]);
    const request = "POST /runner HTTP/1.1\r\nhost: h\r\ncontent-length: 100000000\r\n\r\n";
    const ended = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const socket = index % 2 === 0 ? await upgradedConnection(path) : await plainConnection(path);
        let got = "";
        socket.on("data", (data: Buffer) => (got += data.toString("latin1")));
        socket.write(index % 2 === 0 ? frame : request);
        socket.write(Buffer.alloc(2 ** 20));
        await until(() =>
          expect(socket.destroyed || got.includes(" 404 ") || got.includes(" 401 ")).toBe(true),
        );
        return true;
      }),
    );
    expect(ended).toHaveLength(20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    expect(await dial("ag-2").projection()).toMatchObject({ ok: true });
  });

  test("an agent that floods the host gets a reason and is disconnected, while another agent is served", async () => {
    const { dial, path, containerOf } = await fixture();
    const before = process.memoryUsage.rss();
    const other = dial("ag-2");
    const flooding = await upgradedConnection(path);
    let got = "";
    flooding.on("data", (data: Buffer) => (got += data.toString("latin1")));
    flooding.write(frameOf({ type: "hello", version: 2, token: containerOf("ag-1")?.spec.input }));
    await until(() => expect(got).toContain("welcome"));
    flooding.write(
      Buffer.concat(Array.from({ length: 200_000 }, (_, id) => frameOf({ type: "get", id, key: "x" }))),
    );
    for (let count = 0; count < 20; count += 1)
      expect(await other.set("at", count, now())).toMatchObject({ ok: true });
    await until(() => expect(got).toContain("More than 64 calls wait for an answer."));
    await until(() => expect(flooding.destroyed).toBe(true));
    expect(process.memoryUsage.rss() - before).toBeLessThan(300_000_000);
  });
});
