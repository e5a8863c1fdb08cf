import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionBed, until } from "../session-bed.fixture.ts";

/** A machine on which the first container of all refuses to end. */
const withOneThatStays = async () => {
  const bed = await sessionBed();
  const stays = new Error("Process group 7 cannot be ended: no sudo rule");
  const fake = fakeRuntime({
    install,
    onKill: (container) => {
      if (container === fake.containers[0]) throw stays;
      container.end();
    },
  });
  const reported: unknown[] = [];
  const options = { report: (error: unknown) => void reported.push(error), times: { leaseMs: 600_000 } };
  const host = await bed.host({ ...options, runtime: fake.runtime });
  await bed.central.db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  await host.take(fromAna("m-1", "hello", { threadId: "t-1" }));
  await until(() => expect(fake.containers).toHaveLength(1));
  return { ...bed, fake, first: host, options, reported, stays };
};

test("a container that cannot be ended keeps no host from starting", async () => {
  const bed = await withOneThatStays();
  const { central, fake, options, reported, stays } = bed;
  await central.db.updateTable("sessions").set({ incarnation: 7 }).execute();
  const next = await bed.host({ ...options, runtime: fake.anotherHost() });
  expect(reported).toEqual([stays]);
  await next.take(fromAna("m-2", "hello", { threadId: "t-2" }));
  await until(() => expect(fake.containers.at(-1)?.spec.label.incarnation).toBe(1));
  expect(fake.containers[0]?.hasEnded()).toBe(false);
});

test("a host that closes ends the other containers and gives back every lease", async () => {
  const { central, fake, first: host, reported, stays } = await withOneThatStays();
  await host.take(fromAna("m-2", "hello", { threadId: "t-2" }));
  await until(() => expect(fake.containers).toHaveLength(2));
  await host.close();
  expect(reported).toEqual([stays]);
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false, true]);
  const leases = await central.db.selectFrom("session_leases").select("expires_at").execute();
  expect(leases).toHaveLength(2);
  for (const { expires_at } of leases) expect(Date.parse(expires_at)).toBeLessThanOrEqual(Date.now());
});
