import { fakeRuntime, type FakeContainer } from "@nc/container-runtime/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { at } from "@gatehouse/central-database/testing";
import { expect, onTestFinished, test } from "vitest";
import { images } from "../images.fixture.ts";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";

/** The steps of a rebuild. The first host hangs at one of them, as if it had been killed there. */
const steps = ["build", "stop", "start", "outcome"] as const;

/** A host that hangs at one step of a rebuild, and a second host on the same engine. */
const killedAt = async (step: (typeof steps)[number]) => {
  const fixture = await sessionFixture();
  let [isKilled, hasHung] = [false, false];
  const hangs = (at: (typeof steps)[number]): boolean => {
    if (isKilled || step !== at) return false;
    hasHung = true;
    return true;
  };
  // Until the end of the test, where the first host is closed.
  let release = (): void => {};
  const over = new Promise<void>((resolve) => (release = resolve));
  const killed = { code: "killed", message: "The host was killed." } as const;
  const builds = images(() => (hangs("build") ? over.then(() => killed.message) : null));
  const fake = fakeRuntime({
    install,
    beforeSpawn: ({ image }) => (image === "agents:tool" && hangs("start") ? over.then(() => killed) : null),
    onKill: (container) => void (hangs("stop") || container.end({ code: null, signal: "SIGTERM" })),
  });
  const first = await fixture.host({
    runtime: fake.runtime,
    image: builds.image,
    times: { leaseMs: 600_000 },
  });
  onTestFinished(release);
  await first.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const configs = containerConfigStore(fixture.central.db, { now: () => at });
  await configs.updateEntries("ag-1", "packages_npm", () => ({ ok: true, value: ["tool"] }), {});
  const { id } = await fixture.session();
  const payload = { sessionIds: [id], groupId: "ag-1", message: "Rebuilt.", reason: "asked" };
  const asked = first.handlers.rebuild(payload, "in-1");
  /** Waits until the first host hangs, or has done all, and starts the second, which carries the intent out again. */
  const next = async () => {
    if (step === "outcome") expect(await asked).toMatchObject({ ok: true });
    else await until(() => expect(hasHung).toBe(true));
    isKilled = true;
    const second = await fixture.host({ runtime: fake.anotherHost(), image: builds.image });
    return second.handlers.rebuild(payload, "in-1");
  };
  return { fixture, fake, next, id };
};

const running = (containers: readonly FakeContainer[]): readonly (string | null)[] =>
  containers.filter((one) => !one.hasEnded()).map(({ spec }) => spec.image);

test.for(steps)("a host that is killed at the step %s leaves one agent, in the new image", async (step) => {
  const { fixture, fake, next, id } = await killedAt(step);
  const done = await next();
  expect(done).toMatchObject({ ok: true });
  await until(() => expect(running(fake.containers)).toEqual(["agents:tool"]));
  const messages = await given(fixture.agent(id));
  expect(messages.filter((text) => text === "Rebuilt.")).toHaveLength(1);
});
