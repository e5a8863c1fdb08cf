import { createConnection } from "node:net";
import { join } from "node:path";
import { fakeRuntime, type FakeRuntime } from "@nc/container-runtime/testing";
import { dialHost, sessionSignals } from "@nc/session-db/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { fromAna, install, says, said, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

/** Hosts that share a database and nothing else: each has workloads and a socket of its own. */
const apart = (goneMs = 600_000) => ({
  isAlone: false,
  signals: sessionSignals(),
  times: { leaseMs: 600_000, askedMs: 20, goneMs },
});

/** An agent that the first host started, and that dials this host. */
const dialled = (bed: SessionBed, fake: FakeRuntime, host: 1 | 2) => {
  const token = fake.containers[0]?.spec.input ?? "";
  const path = join(bed.dataDir, `agents-${host}.sock`);
  const agent = dialHost({ connect: () => createConnection(path), token });
  onTestFinished(() => agent.close());
  return agent;
};

const twoHosts = async (goneMs?: number) => {
  const bed = await sessionBed();
  const here = fakeRuntime({ install: "here" });
  const there = fakeRuntime({ install: "there" });
  const first = await bed.host({ ...apart(goneMs), runtime: here.runtime, install: "here" });
  const second = await bed.host({ ...apart(goneMs), runtime: there.runtime, install: "there" });
  await first.take(fromAna("m-1", "hello"));
  await until(() => expect(here.containers).toHaveLength(1));
  return { bed, here, there, first, second };
};

const owner = async ({ central: { db } }: SessionBed): Promise<string> =>
  (await db.selectFrom("session_leases").select("owner").executeTakeFirstOrThrow()).owner;

describe("an agent that dials another host than the one that started it", () => {
  test("takes its session there, and works on", async () => {
    const { bed, here, there } = await twoHosts();
    const agent = dialled(bed, here, 2);
    await until(() => expect(bed.happened("container-followed")).toMatchObject([{ incarnation: 1 }]));
    expect(await owner(bed)).toBe("host-2");
    await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
    expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
    expect(there.containers).toEqual([]);
  });

  test("is given what comes at that host, and at the first one", async () => {
    const { bed, here, first, second } = await twoHosts();
    const agent = dialled(bed, here, 2);
    await until(async () => expect(await owner(bed)).toBe("host-2"));
    await second.take(fromAna("m-2", "at the second"));
    await first.take(fromAna("m-3", "at the first"));
    await until(async () => {
      const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
      expect(received.ok && received.value.map(({ id }) => id)).toEqual(["m-1", "m-2", "m-3"]);
    });
  });

  test("that exits is started again there", async () => {
    const { bed, here, there } = await twoHosts();
    const agent = dialled(bed, here, 2);
    await until(() => expect(bed.happened("container-followed")).toHaveLength(1));
    await agent.close();
    here.containers[0]?.end({ code: 1 });
    await until(() => expect(there.containers).toHaveLength(1));
    expect(there.containers[0]?.spec.label).toMatchObject({ incarnation: 2 });
    expect(here.containers).toHaveLength(1);
  });

  test("that dials nobody any more is given up: its token is over, and its host ends it", async () => {
    const { bed, here, there } = await twoHosts(300);
    const agent = dialled(bed, here, 2);
    await until(() => expect(bed.happened("container-followed")).toHaveLength(1));
    await agent.close();
    await until(() => expect(bed.happened("agent-gone")).toHaveLength(1));
    await until(() => expect(there.containers).toHaveLength(1));
    await until(() => expect(here.containers.map((one) => one.hasEnded())).toEqual([true]));
    const late = dialled(bed, here, 1);
    expect(await late.projection()).toMatchObject({ ok: false, error: { code: "closed" } });
  });

  test("goes back with its session when it dials the first one again", async () => {
    const { bed, here, there } = await twoHosts();
    const agent = dialled(bed, here, 2);
    await until(async () => expect(await owner(bed)).toBe("host-2"));
    await agent.close();
    const again = dialled(bed, here, 1);
    await until(async () => expect(await owner(bed)).toBe("host-1"));
    await says(again, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
    expect([...here.containers, ...there.containers].map((one) => one.hasEnded())).toEqual([false]);
  });

  test("outlives that host, and goes on with the first one", async () => {
    const { bed, here, second } = await twoHosts();
    const agent = dialled(bed, here, 2);
    await until(() => expect(bed.happened("container-followed")).toHaveLength(1));
    await second.close();
    await agent.close();
    const again = dialled(bed, here, 1);
    await until(async () => expect(await owner(bed)).toBe("host-1"));
    await says(again, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
    expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
  });
});

test("a host that starts again leaves a workload of its own to the host that leases its session", async () => {
  const { bed, here, first } = await twoHosts();
  const agent = dialled(bed, here, 2);
  await until(async () => expect(await owner(bed)).toBe("host-2"));
  await first.close();
  await bed.host({ ...apart(), runtime: here.anotherHost(), install: "here" });
  await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
  expect(here.containers.map((one) => one.hasEnded())).toEqual([false]);
  expect(bed.happened("container-reaped")).toEqual([]);
});

test("a host alone follows no connection: nobody else could have the lease", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  const agent = dialled(bed, fake, 1);
  await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
  expect(bed.happened("container-followed")).toEqual([]);
});
