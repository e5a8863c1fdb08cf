import { expect, test } from "vitest";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { fromAna, install, sessionFixture, until } from "./session.fixture.ts";
import { unansweredMessages } from "@gatehouse/session-rows";

test("unanswered messages of active sessions are counted", async () => {
  const fixture = await sessionFixture();
  const { central } = fixture;
  const count = () => unansweredMessages(central.db);
  expect(await count()).toEqual({ count: 0, oldest: null });
  const host = await fixture.host({ runtime: fakeRuntime({ install }).runtime });
  const at = "2026-11-20T08:00:00.000Z";
  await host.receive(fromAna("m-1", "hello", { at }));
  await host.receive(fromAna("m-2", "and again"));
  expect(await count()).toEqual({ count: 2, oldest: at });
  const { id } = await fixture.session();
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const done = { id: "m-1", status: "completed", reason: null } as const;
  await fixture.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
  expect(await count()).toMatchObject({ count: 1 });
  await central.db.updateTable("sessions").set({ status: "closed" }).execute();
  expect(await count()).toEqual({ count: 0, oldest: null });
});
