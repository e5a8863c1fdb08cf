import { expect, test } from "vitest";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { fromAna, install, sessionBed, until } from "./session-bed.fixture.ts";
import { unansweredMessages } from "./unanswered-messages.ts";

test("messages that no agent has answered are counted, of active sessions", async () => {
  const bed = await sessionBed();
  const { central } = bed;
  const count = () => unansweredMessages(central.db);
  expect(await count()).toEqual({ count: 0, oldest: null });
  const host = await bed.host({ runtime: fakeRuntime({ install }).runtime });
  const at = "2026-11-20T08:00:00.000Z";
  await host.take(fromAna("m-1", "hello", { at }));
  await host.take(fromAna("m-2", "and again"));
  expect(await count()).toEqual({ count: 2, oldest: at });
  const { id } = await bed.session();
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const done = { id: "m-1", status: "completed", reason: null } as const;
  await bed.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
  expect(await count()).toMatchObject({ count: 1 });
  await central.db.updateTable("sessions").set({ status: "closed" }).execute();
  expect(await count()).toEqual({ count: 0, oldest: null });
});
