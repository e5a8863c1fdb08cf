import { createConnection } from "node:net";
import { join } from "node:path";
import { fakeRuntime, type FakeRuntime } from "@nc/container-runtime/testing";
import { dialHost } from "@gatehouse/wire/runner";
import { sessionSignals } from "@gatehouse/session-rows";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  fromAna,
  install,
  says,
  said,
  sessionFixture,
  until,
  type SessionFixture,
} from "../session.fixture.ts";

/** Hosts that share only a database: each has its own workloads and its own socket. */
const apart = (goneMs = 600_000) => ({
  isAlone: false,
  signals: sessionSignals(),
  times: { leaseMs: 600_000, askedMs: 20, goneMs },
});

/** An agent that the first host started and that dials this host. */
const dialled = (fixture: SessionFixture, fake: FakeRuntime, host: 1 | 2) => {
  const token = fake.containers[0]?.spec.input ?? "";
  const path = join(fixture.dataDir, `agents-${host}.sock`);
  const agent = dialHost({ connect: () => createConnection(path), token });
  onTestFinished(() => agent.close());
  return agent;
};

const twoHosts = async (goneMs?: number) => {
  const fixture = await sessionFixture();
  const here = fakeRuntime({ install: "here" });
  const there = fakeRuntime({ install: "there" });
  const first = await fixture.host({ ...apart(goneMs), runtime: here.runtime, install: "here" });
  const second = await fixture.host({ ...apart(goneMs), runtime: there.runtime, install: "there" });
  await first.receive(fromAna("m-1", "hello"));
  await until(() => expect(here.containers).toHaveLength(1));
  return { fixture, here, there, first, second };
};

const owner = async ({ central: { db } }: SessionFixture): Promise<string> =>
  (await db.selectFrom("leases").select("owner").executeTakeFirstOrThrow()).owner;

describe("an agent that connects to another host than the one that started it", () => {
  test("the session of the agent moves to that host, and the agent continues to work", async () => {
    const { fixture, here, there } = await twoHosts();
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toMatchObject([{ incarnation: 1 }]));
    expect(await owner(fixture)).toBe("host-2");
    await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
    expect(there.containers).toEqual([]);
  });

  test("an agent on another host receives messages that arrive at either host", async () => {
    const { fixture, here, first, second } = await twoHosts();
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toHaveLength(1));
    await second.receive(fromAna("m-2", "at the second"));
    await first.receive(fromAna("m-3", "at the first"));
    await until(async () => {
      const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
      expect(received.ok && received.value.map(({ id }) => id)).toEqual(["m-1", "m-2", "m-3"]);
    });
  });

  test("an agent on another host is started there after it exits", async () => {
    const { fixture, here, there } = await twoHosts();
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toHaveLength(1));
    await agent.close();
    here.containers[0]?.end({ code: 1 });
    await until(() => expect(there.containers).toHaveLength(1));
    expect(there.containers[0]?.spec.label).toMatchObject({ incarnation: 2 });
    expect(here.containers).toHaveLength(1);
  });

  test("an agent that stays disconnected loses its token, and its host kills it", async () => {
    const { fixture, here, there } = await twoHosts(300);
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toHaveLength(1));
    await agent.close();
    await until(() => expect(fixture.happened("agent-gone")).toHaveLength(1));
    await until(() => expect(there.containers).toHaveLength(1));
    await until(() => expect(here.containers.map((one) => one.hasEnded())).toEqual([true]));
    const late = dialled(fixture, here, 1);
    expect(await late.projection()).toMatchObject({ ok: false, error: { code: "closed" } });
  });

  test("the session moves back when the agent connects to the first host again", async () => {
    const { fixture, here, there } = await twoHosts();
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toHaveLength(1));
    await agent.close();
    const again = dialled(fixture, here, 1);
    await until(async () => expect(await owner(fixture)).toBe("host-1"));
    await says(again, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    expect([...here.containers, ...there.containers].map((one) => one.hasEnded())).toEqual([false]);
  });

  test("an agent survives the end of the host that it connected to, and continues with the first host", async () => {
    const { fixture, here, second } = await twoHosts();
    const agent = dialled(fixture, here, 2);
    await until(() => expect(fixture.happened("container-followed")).toHaveLength(1));
    await second.close();
    await agent.close();
    const again = dialled(fixture, here, 1);
    await until(async () => expect(await owner(fixture)).toBe("host-1"));
    await says(again, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
  });
});

test("a restarted host leaves its own workload to the host that leases the session", async () => {
  const { fixture, here, first } = await twoHosts();
  const agent = dialled(fixture, here, 2);
  await until(async () => expect(await owner(fixture)).toBe("host-2"));
  await first.close();
  await fixture.host({ ...apart(), runtime: here.anotherHost(), install: "here" });
  await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
  expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
  expect(fixture.happened("container-reaped")).toEqual([]);
});

test("a single host follows no connection, because no other host could have the lease", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  const agent = dialled(fixture, fake, 1);
  await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
  expect(fixture.happened("container-followed")).toEqual([]);
});
