import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";
import { expire, expiryOf } from "./leases.fixture.ts";

test("a session that starts slowly after its lease was lost delays no renewal of other leases", async () => {
  const fixture = await sessionFixture();
  let open = (): void => {};
  const gate = new Promise<null>((resolve) => (open = () => resolve(null)));
  const fake = fakeRuntime({ install, beforeSpawn: ({ label }) => (label.incarnation > 1 ? gate : null) });
  const host = await fixture.host({ runtime: fake.runtime, isAlone: false, times: { leaseMs: 15_000 } });
  onTestFinished(open);
  await fixture.central.db
    .updateTable("messaging_group_agents")
    .set({ session_mode: "per-thread" })
    .execute();
  for (const threadId of ["t-1", "t-2"]) await host.receive(fromAna(threadId, "hello", { threadId }));
  await until(() => expect(fake.containers).toHaveLength(2));
  const sessions = await fixture.central.db
    .selectFrom("sessions")
    .select("id")
    .orderBy("thread_id")
    .execute();
  const [slow, other] = sessions.map(({ id }) => id) as [string, string];
  await expire(fixture, slow);
  fake.containers.find(({ spec }) => spec.label.sessionId === slow)?.end();
  await until(() => expect(fixture.happened("lease-lost")).toMatchObject([{ session: slow }]));
  const before = await expiryOf(fixture, other);
  await until(async () => expect(await expiryOf(fixture, other)).toBeGreaterThan(before));
  expect(fake.containers.filter((one) => !one.hasEnded())).toMatchObject([
    { spec: { label: { sessionId: other } } },
  ]);
});
