import { fakeRuntime } from "@nc/container-runtime/testing";
import { unlimited, type ContainerLabel } from "@nc/container-runtime";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";

/** A host that often looks for containers that no session owns, with one container of a session. */
const running = async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { sweepMs: 20 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  /** Starts a container beside the host, as a killed host would have left it. */
  const leave = async (over: Partial<ContainerLabel>): Promise<void> => {
    const label = { install, sessionId: id, groupId: "ag-1", incarnation: 1, token: 1, ...over };
    const files = { folder: "/", whole: [], entries: [] };
    await fake.anotherHost(label.install).spawn({
      label,
      command: ["agent"],
      env: {},
      folder: "/",
      files,
      account: null,
      graceMs: 0,
      ...unlimited,
      logFile: "/log",
    });
  };
  const ended = () => fake.containers.map((one) => one.hasEnded());
  return { fixture, fake, id, leave, ended };
};

test.for<[string, Partial<ContainerLabel>]>([
  ["a session that is gone", { sessionId: "se-gone" }],
  ["an earlier start of its session", { incarnation: 0 }],
  ["a start that its session does not know", { incarnation: 2 }],
])("ends a container of %s, and no other", async ([, label]) => {
  const { fixture, fake, leave, ended } = await running();
  await leave(label);
  await until(() => expect(ended()).toEqual([false, true]));
  expect(fake.containers[1]?.kills).toEqual([0]);
  expect(fixture.happened("container-reaped")).toMatchObject([{ reference: "fake-2" }]);
});

test("leaves containers of another installation, and those that a session runs, alone", async () => {
  const { fake, leave, ended } = await running();
  await leave({ install: "other", sessionId: "se-gone" });
  // The look that ends the third container has seen the other two.
  await leave({ sessionId: "se-gone" });
  await until(() => expect(ended()).toEqual([false, false, true]));
  expect(fake.containers[0]?.kills).toEqual([]);
});

test("leaves a container to the session that stops it, although the session's row names a newer start", async () => {
  const { fixture, fake, leave, ended } = await running();
  await fixture.central.db.updateTable("sessions").set({ incarnation: 2 }).execute();
  await leave({ sessionId: "se-gone" });
  await until(() => expect(ended()).toEqual([false, true]));
  expect(fake.containers[0]?.kills).toEqual([]);
});

test("an engine that does not answer delays no close of the host", async () => {
  const fixture = await sessionFixture();
  const { runtime } = fakeRuntime({ install });
  let asked = 0;
  const silent = () => ((asked += 1) === 1 ? runtime.running() : new Promise<never>(() => {}));
  const host = await fixture.host({ runtime: { ...runtime, running: silent }, times: { sweepMs: 20 } });
  await until(() => expect(asked).toBe(2));
  await host.close();
});
