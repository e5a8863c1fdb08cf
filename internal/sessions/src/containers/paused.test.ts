import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { fromAna, install, sessionBed, until } from "../session-bed.fixture.ts";
import { expire, expiryOf } from "./leases.fixture.ts";

test("a session that starts slowly after its lease was lost delays no renewal of another's", async () => {
  const bed = await sessionBed();
  let letGo = (): void => {};
  const gate = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  const fake = fakeRuntime({ install, beforeSpawn: ({ label }) => (label.incarnation > 1 ? gate : null) });
  const host = await bed.host({ runtime: fake.runtime, isAlone: false, times: { leaseMs: 6_000 } });
  onTestFinished(letGo);
  await bed.central.db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  for (const threadId of ["t-1", "t-2"]) await host.take(fromAna(threadId, "hello", { threadId }));
  await until(() => expect(fake.containers).toHaveLength(2));
  const sessions = await bed.central.db.selectFrom("sessions").select("id").orderBy("thread_id").execute();
  const [slow, other] = sessions.map(({ id }) => id) as [string, string];
  await expire(bed, slow);
  fake.containers.find(({ spec }) => spec.label.sessionId === slow)?.end();
  await until(() => expect(bed.happened("lease-lost")).toMatchObject([{ session: slow }]));
  const before = await expiryOf(bed, other);
  await until(async () => expect(await expiryOf(bed, other)).toBeGreaterThan(before));
  expect(fake.containers.filter((one) => !one.hasEnded())).toMatchObject([
    { spec: { label: { sessionId: other } } },
  ]);
});
