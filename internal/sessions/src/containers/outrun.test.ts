import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

/** One of several hosts, which renews nothing while the test runs. */
const several = { isAlone: false, times: { leaseMs: 600_000 } } as const;

/** As if the host had been stopped for longer than its lease: another one has its session. */
const outrun = async ({ central: { db } }: SessionBed): Promise<void> => {
  await db.updateTable("session_leases").set({ owner: "another", token: 2 }).execute();
};

test("a host that another one outran changes no skills of a session", async () => {
  const bed = await sessionBed();
  const host = await bed.host({ ...several, runtime: fakeRuntime({ install }).runtime });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await outrun(bed);
  const skill = join(bed.dataDir, "skills", "tides");
  mkdirSync(skill, { recursive: true });
  writeFileSync(
    join(skill, "SKILL.md"),
    "---\nname: tides\ndescription: Tells the tide.\n---\n\nAsk the sea.\n",
  );
  await host.refresh();
  expect(bed.happened("not-refreshed")).toMatchObject([
    { session: id, reason: "Another host now has this session." },
  ]);
  expect(existsSync(join(bed.folderOf(id), "in", "skills", "tides"))).toBe(false);
});

test("what a host says itself carries its lease; refused for it, the session is lost", async () => {
  const bed = await sessionBed();
  const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
  const { runtime } = fakeRuntime({ install, beforeSpawn: () => down });
  const fenced = { code: "fenced", message: "Another host holds the session." } as const;
  bed.channel.fails = ({ id }) => (id === "wake-failed-m-2" ? { ok: false, error: fenced } : null);
  const host = await bed.host({ ...several, runtime });
  await host.take(fromAna("m-1", "hello"));
  const { id } = await bed.session();
  const lease = { sessionId: id, token: 1 };
  await until(() => expect(bed.channel.sent).toMatchObject([{ id: "wake-failed-m-1", lease }]));
  await host.take(fromAna("m-2", "hello"));
  await until(() => expect(bed.happened("lease-lost")).toMatchObject([{ session: id, why: fenced.message }]));
});

test("what a host leaves that is gone is taken over by the next look for other hosts, all of it at once", async () => {
  const bed = await sessionBed();
  const { db } = bed.central;
  const fake = fakeRuntime({ install });
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const gone = await bed.host({ ...several, runtime: fake.runtime });
  // The other host starts nothing before all are its own, and nothing but that look is due within the test.
  const never = 600_000;
  const leases = db.selectFrom("session_leases").select("owner");
  const owners = async () => (await leases.execute()).map(({ owner }) => owner);
  const seen: (readonly string[])[] = [];
  const beforeSpawn = async () => {
    seen.push(await owners());
    return null;
  };
  const times = { leaseMs: never, tickMs: never, sweepMs: never, askedMs: 20 };
  await bed.host({ isAlone: false, times, runtime: fakeRuntime({ install: "other", beforeSpawn }).runtime });
  for (const threadId of ["one", "two", "three"]) await gone.take(fromAna(threadId, "hello", { threadId }));
  await until(() => expect(bed.happened("container-started")).toHaveLength(3));
  await db.updateTable("session_leases").set({ expires_at: new Date().toISOString() }).execute();
  await until(() => expect(bed.happened("session-taken-over")).toHaveLength(3));
  await until(() => expect(seen).toEqual(Array(3).fill(["host-2", "host-2", "host-2"])));
});
