// A file has one host: nobody else could take its leases. On a server a lease that expired is lost.
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionBed, until } from "../session-bed.fixture.ts";
import { expire, expiryOf } from "./leases.fixture.ts";

test("the only host keeps its containers, however long it was stopped", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime, times: { leaseMs: 1_500 } });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await expire(bed, id);
  await until(async () => expect(await expiryOf(bed, id)).toBeGreaterThan(Date.now()));
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
  expect(bed.happened("lease-lost")).toEqual([]);
});

test("the only host starts a container before it has renewed a lease that expired", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime, times: { leaseMs: 600_000 } });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await expire(bed, id);
  await host.carriers.restart({ sessionIds: [id], message: "anew" }, "in-1");
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(fake.containers[1]?.spec.label).toMatchObject({ token: 1, incarnation: 2 });
  expect(bed.happened("lease-lost")).toEqual([]);
});

test("the only host has no lease to show", async () => {
  const bed = await sessionBed();
  const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
  const host = await bed.host({ runtime: fakeRuntime({ install, beforeSpawn: () => down }).runtime });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.channel.sent).toHaveLength(1));
  expect(bed.channel.sent[0]).not.toHaveProperty("lease");
});
