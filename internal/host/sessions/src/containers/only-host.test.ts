// A database in a file has one host, so no other host can take its leases. On PostgreSQL an expired lease is
// lost.
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { aboutSessions, fromAna, install, sessionFixture, until } from "../session.fixture.ts";
import { expire, expiryOf } from "./leases.fixture.ts";

test("the only host keeps its containers, however long it was stopped", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { leaseMs: 1_500 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  await expire(fixture, id);
  await until(async () => expect(await expiryOf(fixture, id)).toBeGreaterThan(Date.now()));
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
  expect(fixture.happened("lease-lost")).toEqual([]);
});

test("the only host starts a container before it has renewed an expired lease", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { leaseMs: 600_000 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  await expire(fixture, id);
  await host.handlers.restart({ ...aboutSessions(id), message: "anew" }, "in-1");
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(fake.containers[1]?.spec.label).toMatchObject({ token: 1, incarnation: 2 });
  expect(fixture.happened("lease-lost")).toEqual([]);
});

test("the only host sends messages without a lease", async () => {
  const fixture = await sessionFixture();
  const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
  const host = await fixture.host({ runtime: fakeRuntime({ install, beforeSpawn: () => down }).runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.channel.sent).toHaveLength(1));
  expect(fixture.channel.sent[0]).not.toHaveProperty("lease");
});
