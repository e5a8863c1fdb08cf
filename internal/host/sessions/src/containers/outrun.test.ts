import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

/** One of several hosts. It renews no lease during the test, and asks for nothing of other hosts. */
const several = { isAlone: false, times: { leaseMs: 600_000, askedMs: 600_000 } } as const;

/** Gives the session to another host, as if this one had been stopped for longer than its lease. */
const outrun = async ({ central: { db } }: SessionFixture): Promise<void> => {
  await db.updateTable("leases").set({ owner: "another", token: 2 }).execute();
};

test("a host whose lease another host has taken changes no skills of the session", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host({ ...several, runtime: fakeRuntime({ install }).runtime });
  await host.receive(fromAna("m-1", "hello"));
  // The start's last write finds the lease lost too, and the session would not be refreshed at all.
  await until(async () =>
    expect(await fixture.session()).toHaveProperty("container_ref", expect.any(String)),
  );
  await host.refresh();
  const { id } = await fixture.session();
  await outrun(fixture);
  const skill = join(fixture.dataDir, "skills", "tides");
  mkdirSync(skill, { recursive: true });
  writeFileSync(
    join(skill, "SKILL.md"),
    "---\nname: tides\ndescription: Tells the tide.\n---\n\nAsk the sea.\n",
  );
  await host.refresh();
  expect(fixture.happened("not-refreshed")).toMatchObject([
    { session: id, reason: "Another host now has this session." },
  ]);
  expect(existsSync(join(fixture.folderOf(id), "in", "skills", "tides"))).toBe(false);
});

test("the host's own texts carry its lease, and the session is lost if a channel refuses that lease", async () => {
  const fixture = await sessionFixture();
  const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
  const { runtime } = fakeRuntime({ install, beforeSpawn: () => down });
  const fenced = { code: "fenced", message: "Another host holds the session." } as const;
  fixture.channel.fails = ({ id }) => (id === "wake-failed-m-2" ? { ok: false, error: fenced } : null);
  const host = await fixture.host({ ...several, runtime });
  await host.receive(fromAna("m-1", "hello"));
  const { id } = await fixture.session();
  const lease = { sessionId: id, token: 1 };
  await until(() => expect(fixture.channel.sent).toMatchObject([{ id: "wake-failed-m-1", lease }]));
  await host.receive(fromAna("m-2", "hello"));
  await until(() =>
    expect(fixture.happened("lease-lost")).toMatchObject([{ session: id, why: fenced.message }]),
  );
});

test("all sessions of a host that is gone are taken over together by the next check for other hosts", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const fake = fakeRuntime({ install });
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const gone = await fixture.host({ ...several, runtime: fake.runtime });
  // The other host starts no container before it has leased all sessions, and no other timer runs within the
  // test.
  const never = 600_000;
  const leases = db.selectFrom("leases").select("owner");
  const owners = async () => (await leases.execute()).map(({ owner }) => owner);
  const seen: (readonly string[])[] = [];
  const beforeSpawn = async () => {
    seen.push(await owners());
    return null;
  };
  const times = { leaseMs: never, tickMs: never, sweepMs: never, askedMs: 20 };
  await fixture.host({
    isAlone: false,
    times,
    runtime: fakeRuntime({ install: "other", beforeSpawn }).runtime,
  });
  for (const threadId of ["one", "two", "three"])
    await gone.receive(fromAna(threadId, "hello", { threadId }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(3));
  await db.updateTable("leases").set({ expires_at: new Date().toISOString() }).execute();
  await until(() => expect(fixture.happened("session-taken-over")).toHaveLength(3));
  await until(() => expect(seen).toEqual(Array(3).fill(["host-2", "host-2", "host-2"])));
});
