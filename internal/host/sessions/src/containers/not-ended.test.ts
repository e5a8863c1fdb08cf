import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";

/** A machine on which the very first container cannot be killed. */
const withUnkillableContainer = async () => {
  const fixture = await sessionFixture();
  const stays = new Error("Process group 7 cannot be ended: no sudo rule");
  const fake = fakeRuntime({
    install,
    onKill: (container) => {
      if (container === fake.containers[0]) throw stays;
      container.end();
    },
  });
  const reported: unknown[] = [];
  const times = { leaseMs: 600_000, askedMs: 600_000 };
  const options = { report: (error: unknown) => void reported.push(error), times };
  const host = await fixture.host({ ...options, runtime: fake.runtime });
  await fixture.central.db
    .updateTable("messaging_group_agents")
    .set({ session_mode: "per-thread" })
    .execute();
  await host.receive(fromAna("m-1", "hello", { threadId: "t-1" }));
  // A next host voids the lease. The start's last write would find it lost.
  await until(async () =>
    expect(await fixture.session()).toHaveProperty("container_ref", expect.any(String)),
  );
  return { ...fixture, fake, first: host, options, reported, stays };
};

test("a host starts even if a container of an earlier host cannot be killed", async () => {
  const fixture = await withUnkillableContainer();
  const { central, fake, options, reported, stays } = fixture;
  await central.db.updateTable("sessions").set({ incarnation: 7 }).execute();
  const next = await fixture.host({ ...options, runtime: fake.anotherHost() });
  expect(reported).toEqual([stays]);
  await next.receive(fromAna("m-2", "hello", { threadId: "t-2" }));
  await until(() => expect(fake.containers.slice(1).map(({ spec }) => spec.label.incarnation)).toContain(1));
  expect(fake.containers[0]?.hasEnded()).toBe(false);
});

test("a closing host stops the other containers and gives back every lease", async () => {
  const { central, fake, first: host, reported, stays } = await withUnkillableContainer();
  await host.receive(fromAna("m-2", "hello", { threadId: "t-2" }));
  await until(() => expect(fake.containers).toHaveLength(2));
  await host.close();
  expect(reported).toEqual([stays]);
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false, true]);
  const leases = await central.db.selectFrom("leases").select("expires_at").execute();
  expect(leases).toHaveLength(2);
  for (const { expires_at } of leases) expect(Date.parse(expires_at)).toBeLessThanOrEqual(Date.now());
});
