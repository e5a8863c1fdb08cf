import { at } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import type { Cannot, ContainerRuntime } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import { fromAna, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

const outside: Cannot = { image: "A process runs the machine's own programs." };

const configsOf = ({ central }: SessionFixture) => containerConfigStore(central.db, { now: () => at });

const isolationIn = async (fixture: SessionFixture): Promise<unknown> => {
  const config = await configsOf(fixture).get("ag-1");
  return config.ok ? config.value?.isolation : config.error;
};

const noticesIn = async ({ central }: SessionFixture): Promise<readonly string[]> =>
  (await central.db.selectFrom("owner_notices").select("text").execute()).map(({ text }) => text);

describe("the isolation of a group", () => {
  test.for<[string, string, Cannot, boolean, string]>([
    ["process", "processes", outside, true, "process"],
    ["process", "containers", {}, true, "container"],
    ["container", "containers", {}, true, "container"],
    ["container", "processes", outside, false, "container"],
    // As of a later build, or of a hand that edits the database.
    ["unknown", "processes", outside, false, "unknown"],
    ["unknown", "containers", {}, true, "container"],
  ])("of %s on a host of %s", async ([isolation, , cannot, isStarted, after]) => {
    const fixture = await sessionFixture();
    await fixture.central.db.updateTable("container_configs").set({ isolation }).execute();
    const fake = fakeRuntime({ install, cannot });
    const host = await fixture.host({ runtime: fake.runtime });
    await host.receive(fromAna("m-1", "hello"));
    await until(() =>
      expect(fake.containers.length + fixture.happened("wake-failed").length).toBeGreaterThan(0),
    );
    expect(fake.containers).toHaveLength(isStarted ? 1 : 0);
    expect(await isolationIn(fixture)).toBe(after);
  });

  test("of a container keeps messages outside one, tells why, and starts once the operator lowers it", async () => {
    const fixture = await sessionFixture();
    await configsOf(fixture).updateScalars("ag-1", { isolation: "container", tools: "allow-all" });
    const fake = fakeRuntime({ install, cannot: outside });
    const host = await fixture.host({ runtime: fake.runtime, times: { wakeRetryMs: 10 } });
    await host.receive(fromAna("m-1", "hello"));
    // Several tries, so that the counts below are of more than one.
    await until(() => expect(fixture.happened("wake-failed").length).toBeGreaterThan(2));
    const why =
      /Ana runs only in a container.*--runtime podman.*ncl groups config update ag-1 --isolation process --yes/;
    expect(fixture.texts()).toEqual([expect.stringMatching(why)]);
    expect(await noticesIn(fixture)).toEqual([expect.stringMatching(why)]);
    expect(fixture.happened("wake-failed")[0]).toMatchObject({
      reason: expect.stringMatching(why) as unknown,
    });
    await configsOf(fixture).updateScalars("ag-1", { isolation: "process" });
    await host.refresh();
    await until(() => expect(fake.containers).toHaveLength(1));
  });

  test("of a container is kept by the next host, which has containers again", async () => {
    const fixture = await sessionFixture();
    await configsOf(fixture).updateScalars("ag-1", { isolation: "container" });
    const processes = await fixture.host({ runtime: fakeRuntime({ install, cannot: outside }).runtime });
    await processes.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.happened("wake-failed")).not.toEqual([]));
    await processes.close();
    const containers = fakeRuntime({ install });
    await fixture.host({ runtime: containers.runtime });
    await until(() => expect(containers.containers).toHaveLength(1));
  });

  test("that was raised while an agent ran ends this agent at the next start of the host", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install, cannot: outside });
    const first = await fixture.host({ runtime: fake.runtime });
    await first.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    await configsOf(fixture).updateScalars("ag-1", { isolation: "container" });
    await fixture.host({ runtime: fake.anotherHost() });
    await until(() => expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]));
    expect(fixture.happened("container-reaped")).toHaveLength(1);
  });
});

/** A runtime that answers only while its engine is there. */
const awayRuntime = (fake: ContainerRuntime) => {
  const engine = { isThere: false, problem: "the engine is away." as string | null };
  const runtime: ContainerRuntime = {
    ...fake,
    running: async () =>
      engine.isThere
        ? fake.running()
        : { ok: false, error: { code: "runtime-unavailable", message: "No answer." } },
  };
  const back = (): void => void Object.assign(engine, { isThere: true, problem: null });
  return {
    engine,
    back,
    options: { runtime, problem: async () => engine.problem, times: { engineMs: 20 } },
  };
};

describe("a host whose engine is away at its start", () => {
  test("takes messages, tells senders, owners and the log why once, and starts the agent when it is back", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const { back, options } = awayRuntime(fake.runtime);
    const host = await fixture.host(options);
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual([expect.stringContaining("the engine is away.")]));
    expect(await noticesIn(fixture)).toEqual([expect.stringContaining("the engine is away.")]);
    expect(fixture.happened("runtime-away")).toHaveLength(1);
    expect(fake.containers).toEqual([]);
    back();
    await until(() => expect(fake.containers).toHaveLength(1));
    await until(() => expect(fixture.happened("runtime-back")).toHaveLength(1));
  });

  test("tells the senders of messages that wait since before the start", async () => {
    const fixture = await sessionFixture();
    const first = awayRuntime(fakeRuntime({ install }).runtime);
    const before = await fixture.host(first.options);
    await before.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toHaveLength(1));
    await before.close();
    const { engine, options } = awayRuntime(fakeRuntime({ install }).runtime);
    engine.problem = "the image was pruned.";
    await fixture.host({ ...options, isAlone: true });
    await until(() => expect(fixture.channel.calls.get("wake-failed-m-1")).toBe(2));
  });

  test("adopts the container that still runs, and starts no second one", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const first = await fixture.host({ runtime: fake.runtime });
    await first.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { back, options } = awayRuntime(fake.anotherHost());
    const next = await fixture.host(options);
    await next.receive(fromAna("m-2", "more"));
    expect(fixture.happened("container-adopted")).toEqual([]);
    back();
    await until(() => expect(fixture.happened("container-adopted")).toHaveLength(1));
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
  });
});

test("a host whose image is pruned while it runs tells the owners once, and starts the agent when it is back", async () => {
  const fixture = await sessionFixture();
  let refused = false;
  const fake = fakeRuntime({
    install,
    beforeSpawn: () => (refused ? { code: "unsupported", message: "No such image." } : null),
  });
  const problem = async (): Promise<string | null> => (refused ? "podman has no image." : null);
  const times = { engineMs: 20, wakeRetryMs: 3_600_000 };
  const host = await fixture.host({ runtime: fake.runtime, problem, times });
  refused = true;
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("wake-failed")).toHaveLength(1));
  await until(async () =>
    expect(await noticesIn(fixture)).toEqual([expect.stringContaining("podman has no image.")]),
  );
  refused = false;
  await until(() => expect(fake.containers).toHaveLength(1));
});
