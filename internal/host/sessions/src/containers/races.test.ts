import type { WorkloadSpec } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { addRow, at } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import {
  aboutSessions,
  fromAna,
  given,
  install,
  said,
  says,
  sessionFixture,
  until,
} from "../session.fixture.ts";
import { faultyRows } from "../faulty-rows.fixture.ts";

/** Long enough that no timer of a host runs within the test. */
const still = { retryMs: 60_000, wakeRetryMs: 60_000 };

describe("starting", () => {
  test("many simultaneous messages start one container", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const host = await fixture.host({ runtime: fake.runtime });
    await Promise.all(["a", "b", "c", "d"].map((id) => host.receive(fromAna(id, id))));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const { id } = await fixture.session();
    expect((await given(fixture.agent(id))).toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(fake.containers).toHaveLength(1);
  });

  const unavailable = "runtime-unavailable" as const;
  test.for([
    ["a sentence", { message: "Nothing can be started now." }, "Nothing can be started now."],
    ["a program's words", { message: "no such file" }, "no such file."],
    ["its fix", { message: "It is off.", fix: "Switch it on." }, "It is off. Switch it on."],
  ] as const)(
    "a start that fails with %s is reported with its reason, and tried again",
    async ([, why, reason]) => {
      const fixture = await sessionFixture();
      let isDown = true;
      const down = { code: unavailable, ...why };
      const fake = fakeRuntime({ install, beforeSpawn: () => (isDown ? down : null) });
      const host = await fixture.host({ runtime: fake.runtime });
      await host.receive(fromAna("m-1", "hello"));
      await until(() => expect(fixture.happened("wake-failed").length).toBeGreaterThan(1));
      const text = `The agent could not be started: ${reason} Your message is kept, and the start is tried again.`;
      const told = (inReplyTo: string) => ({ text, inReplyTo, failed: true, from: null, platformId: "ana" });
      expect(fixture.channel.sent).toMatchObject([told("m-1")]);
      expect(fixture.channel.calls.get("wake-failed-m-1")).toBe(1);
      await until(async () =>
        expect(await fixture.session()).toMatchObject({ container_status: "stopped", container_ref: null }),
      );
      isDown = false;
      await until(() => expect(fake.containers).toHaveLength(1));
    },
  );

  const killed = { code: null, signal: "SIGKILL" } as const;
  const unseen = { code: null, signal: null } as const;
  const beforeItBegan = { code: "killed", message: "SIGKILL ended the process." } as const;
  test.for([
    { how: "by a signal", exit: killed, refusal: null },
    { how: "while no host watched", exit: unseen, refusal: null },
    { how: "before its program began", exit: null, refusal: beforeItBegan },
  ])(
    "a start that ended $how is retried silently first, and reported the fifth time",
    async ({ exit, refusal }) => {
      const fixture = await sessionFixture();
      let left = 4;
      const fake = fakeRuntime({
        install,
        beforeSpawn: () => (refusal !== null && (left -= 1) >= 0 ? refusal : null),
        onSpawn: (container) => void (exit !== null && (left -= 1) >= 0 && container.end(exit)),
      });
      const host = await fixture.host({ runtime: fake.runtime, times: { wakeRetryMs: 5 } });
      await host.receive(fromAna("m-1", "hello"));
      await until(() => expect(fake.containers.filter((one) => !one.hasEnded())).toHaveLength(1));
      expect(fixture.happened("wake-failed").map(({ failures }) => failures)).toEqual([1, 2, 3, 4]);
      expect(fixture.texts()).toEqual([]);
      left = Infinity;
      fake.containers.at(-1)?.end(killed);
      await until(() => expect(fixture.channel.sent).toMatchObject([{ inReplyTo: "m-1", failed: true }]));
      expect(fixture.happened("wake-failed")[4]).toMatchObject({ failures: 5 });
    },
  );

  test("a sender who writes while a failed start waits for its next try is told at once, in their own chat", async () => {
    const fixture = await sessionFixture();
    const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
    const fake = fakeRuntime({ install, beforeSpawn: () => down });
    const host = await fixture.host({ runtime: fake.runtime, times: still });
    await fixture.central.db
      .updateTable("messaging_group_agents")
      .set({ session_mode: "agent-shared" })
      .execute();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.channel.sent).toMatchObject([{ inReplyTo: "m-1", failed: true }]));
    await host.receive(fromAna("m-2", "are you there?"));
    await until(() => expect(fixture.channel.sent).toHaveLength(2));
    expect(fixture.channel.sent[1]).toMatchObject({ inReplyTo: "m-2", failed: true, platformId: "ana" });
    expect(fixture.happened("wake-failed")).toHaveLength(1);
  });
});

test("a message that was claimed for an agent as it exited starts the next container", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: still });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  // The connection of this agent outlives it.
  const agent = fixture.agent((await fixture.session()).id);
  const now = new Date().toISOString();
  const done = { id: "m-1", status: "completed", reason: null } as const;
  await agent.commit({ acknowledgements: [done], messages: [], now });
  await agent.receive({ isFirst: true, limit: 10, now, offer: "b-1" });
  fake.containers[0]?.end();
  await until(async () => expect(await fixture.session()).toMatchObject({ container_status: "stopped" }));
  await host.receive(fromAna("m-2", "are you there?"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent((await fixture.session()).id))).toEqual(["are you there?"]);
});

test("a message whose release failed as its agent exited starts the next container", async () => {
  const fixture = await sessionFixture();
  const { seen, rows } = faultyRows(fixture.central.loop);
  const fake = fakeRuntime({ install });
  const central = { ...fixture.central, loop: rows };
  const host = await fixture.host({ central, runtime: fake.runtime, times: still });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const claimed = { id: "m-1", status: "processing", reason: null } as const;
  const agent = fixture.agent((await fixture.session()).id);
  await agent.commit({ acknowledgements: [claimed], messages: [], now: new Date().toISOString() });
  seen.refuses = ({ kind, text }) => kind === "UpdateQueryNode" && text.includes("process_after");
  fake.containers[0]?.end();
  await until(() => expect(fixture.happened("not-released")).toHaveLength(1));
  seen.refuses = () => false;
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent((await fixture.session()).id))).toEqual(["hello"]);
});

test("a start warns once of all chats without a destination of the group", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const { runtime } = fakeRuntime({ install });
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  for (const id of ["mg-2", "mg-3"]) {
    await addRow(db, "messaging_groups", { id, channel_type: "local", platform_id: id });
    await addRow(db, "messaging_group_agents", { id: `wi-${id}`, messaging_group_id: id });
  }
  await addRow(db, "agent_destinations", { local_name: "three", target_id: "mg-3" });
  await addRow(db, "agent_destinations", { agent_group_id: "ag-2", local_name: "home", target_id: "mg-1" });
  const host = await fixture.host({ runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  await host.receive(fromAna("m-2", "hello", { platformId: "mg-2" }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(fixture.happened("chats-without-destination")).toMatchObject([
    { group: "ag-1", chats: "local ana, local mg-2" },
  ]);
});

describe("restarting", () => {
  test("a restart during a start stops the starting container, and its message reaches the next container", async () => {
    const fixture = await sessionFixture();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const spawning: (number | undefined)[] = [];
    const beforeSpawn = ({ label }: WorkloadSpec) => {
      spawning.push(label.incarnation);
      return gate.then(() => null);
    };
    const fake = fakeRuntime({ install, beforeSpawn });
    const host = await fixture.host({ runtime: fake.runtime, times: still });
    await host.receive(fromAna("m-1", "hello"));
    const { id } = await fixture.session();
    // Its files name it by now, so it would get messages that a restart had written before.
    await until(() => expect(spawning).toEqual([1]));
    const restarted = host.handlers.restart({ ...aboutSessions(id), message: "news" }, "in-1");
    await until(() => expect(fixture.happened("restart")).toHaveLength(1));
    expect(await given(fixture.agent(id))).toEqual(["hello"]);
    open();
    await restarted;
    await until(() => expect(fake.containers).toHaveLength(2));
    expect(fake.containers[0]?.hasEnded()).toBe(true);
    expect(await given(fixture.agent(id))).toEqual(["news", "hello"]);
  });

  test("a closed session is not restarted", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const host = await fixture.host({ runtime: fake.runtime });
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { id } = await fixture.session();
    const payload = aboutSessions(id);
    expect(await host.handlers.stop(payload, "in-1")).toMatchObject({ value: { data: { stopped: 1 } } });
    expect(await fixture.session()).toMatchObject({ status: "closed", container_status: "stopped" });
    expect(await host.handlers.restart({ ...payload, message: "x" }, "in-2")).toMatchObject({
      value: { data: { restarted: 0 } },
    });
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
    await host.receive(fromAna("m-2", "anew"));
    await until(() => expect(fake.containers).toHaveLength(2));
    expect(fake.containers[1]?.spec.label.sessionId).not.toBe(id);
  });

  test("a session without work is restarted only if the restart has a message", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const host = await fixture.host({ runtime: fake.runtime });
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { id } = await fixture.session();
    const now = new Date().toISOString();
    const acknowledgements = [{ id: "m-1", status: "completed", reason: null }] as const;
    await fixture.agent(id).commit({ acknowledgements, messages: [said("re-m-1")], now });
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    const payload = aboutSessions(id);
    await host.handlers.restart(payload, "in-1");
    expect(fake.containers).toHaveLength(1);
    await host.handlers.restart({ ...payload, message: "look" }, "in-2");
    await until(() => expect(fake.containers).toHaveLength(2));
  });
});

describe("a host after this one", () => {
  test("a new host adopts the running container, and starts no second container", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const first = await fixture.host({ runtime: fake.runtime, times: { leaseMs: 600_000 } });
    await first.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { id } = await fixture.session();
    const second = await fixture.host({ runtime: fake.anotherHost() });
    expect(fixture.happened("container-adopted")).toMatchObject([{ session: id, incarnation: 1 }]);
    await says(fixture.agent(id), said("re-m-1"));
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    await second.receive(fromAna("m-2", "you"));
    expect(fake.containers).toHaveLength(1);
  });

  test("a new host adopts a container that was starting when its host left its agents", async () => {
    const fixture = await sessionFixture();
    let open: ((refusal: null) => void) | undefined;
    const beforeSpawn = (): Promise<null> => new Promise((resolve) => (open = resolve));
    const fake = fakeRuntime({ install, beforeSpawn });
    const first = await fixture.host({ runtime: fake.runtime });
    await first.receive(fromAna("m-1", "hello"));
    await until(() => expect(open).toBeDefined());
    const left = first.close({ leaveAgents: true });
    // A host that did not wait for the start would have given back its lease by then.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    open?.(null);
    await left;
    await fixture.host({ runtime: fake.anotherHost() });
    expect(fixture.happened("container-adopted")).toMatchObject([{ incarnation: 1 }]);
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
  });

  test("a new host kills a container that is not its session's newest", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const first = await fixture.host({ runtime: fake.runtime, times: { leaseMs: 600_000 } });
    await first.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    await fixture.central.db.updateTable("sessions").set({ incarnation: 7 }).execute();
    await fixture.host({ runtime: fake.anotherHost() });
    expect(fixture.happened("container-reaped")).toMatchObject([{ incarnation: 1 }]);
    await until(() => expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, false]));
    expect(fake.containers[1]?.spec.label.incarnation).toBe(8);
  });
});

test("a host without the lease writes nothing more, and kills its container once the session has a newer one", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { leaseMs: 15_000, sweepMs: 20 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  const { id } = await fixture.session();
  await fixture.central.db
    .updateTable("leases")
    .set(({ eb }) => ({
      owner: "another",
      token: eb("token", "+", 1),
      expires_at: "2999-01-01T00:00:00.000Z",
    }))
    .execute();
  await until(() => expect(fixture.happened("lease-lost")).toMatchObject([{ session: id, token: 1 }]));
  await says(fixture.agent(id), said("re-m-1"));
  expect(await fixture.session()).toMatchObject({ container_status: "running", incarnation: 1 });
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
  await fixture.central.db.updateTable("sessions").set({ incarnation: 2 }).execute();
  await until(() => expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]));
  expect(fixture.texts()).toEqual([]);
});

test("leases a session again whose lease expired and that no other host leased, with its running container", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, isAlone: false, times: { leaseMs: 15_000 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  await fixture.central.db.updateTable("leases").set({ expires_at: at }).execute();
  await until(() => expect(fixture.happened("container-followed")).toMatchObject([{ incarnation: 1 }]));
  expect(fixture.happened("lease-lost")).toMatchObject([{ token: 1 }]);
  const { id } = await fixture.session();
  await says(fixture.agent(id), said("re-m-1"));
  await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
});

test("a closing host stops every container, and gives the leases back", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  await host.close();
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  const [lease] = await fixture.central.db.selectFrom("leases").selectAll().execute();
  expect(Date.parse(lease?.expires_at ?? "")).toBeLessThanOrEqual(Date.now());
  await expect(host.receive(fromAna("m-2", "too late"))).rejects.toThrow("closing");
});
