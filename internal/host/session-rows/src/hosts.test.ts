import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import type { CentralTables } from "@gatehouse/central-database";
import {
  endedHosts,
  heardHosts,
  hostStates,
  laterHost,
  sayHost,
  unlikeSettings,
  type HostSaid,
} from "./hosts.ts";
import { takeLease } from "./leases.ts";
import { describeOnBoth } from "./two-hosts.fixture.ts";

const said: HostSaid = {
  name: "aa-1",
  place: "alpha:/srv/one",
  version: "1.0.0",
  runtime: "docker",
  settings: { "prices.json": { version: 2, problem: null } },
};
const other: HostSaid = { ...said, name: "bb-1", place: "beta:/srv/two" };

/** Sets the time at which a host was seen last. */
const seenAt = (db: Kysely<CentralTables>, name: string, at: string) =>
  db.updateTable("hosts").set({ seen_at: at }).where("name", "=", name).execute();
const aMinuteAgo = (): string => new Date(Date.now() - 60_000).toISOString();

describeOnBoth("the hosts of a database", ({ twoHosts }) => {
  test("each says of itself what it is, and works on the sessions that it leases", async (context) => {
    const [db] = await twoHosts(context);
    await sayHost(db, said);
    await sayHost(db, said);
    await sayHost(db, other);
    await addRow(db, "sessions", { id: "se-2", thread_id: "2", container_status: "running" });
    for (const sessionId of ["se-1", "se-2"])
      await takeLease(db, { sessionId, owner: "aa-1", ttlMs: 60_000 });
    const states = await hostStates(db);
    expect(states).toMatchObject([
      { ...said, isHeard: true, sessions: 2, running: 1 },
      { ...other, isHeard: true, sessions: 0, running: 0, groups: [] },
    ]);
    expect(states[0]?.groups).toHaveLength(1);
  });

  test.for([
    { what: "no copy was there", there: null, since: "", is: null },
    { what: "the copy never took a place either", there: "", since: "", is: null },
    { what: "the copy took the place at the same time", there: "b", since: "b", is: null },
    { what: "the copy took the place earlier", there: "a", since: "b", is: null },
    { what: "the copy took the place later", there: "c", since: "b", is: "c" },
    { what: "only the copy took a place", there: "a", since: "", is: "a" },
  ])("one has its place: $what", async ({ there, since, is }, context) => {
    const [db, second] = await twoHosts(context);
    const copy = { id: "su-1", place: "alpha:/srv/old" };
    const own = { id: "su-1", place: "beta:/srv/new" };
    if (there !== null) expect(await laterHost(db, { ...copy, since: there })).toBeNull();
    const later = is === null ? null : { ...copy, since: is };
    expect(await laterHost(second, { ...own, since })).toEqual(later);
    expect(await laterHost(second, { ...own, since })).toEqual(later);
    // A host of another folder is no copy.
    expect(await laterHost(second, { ...own, id: "su-2", since: "" })).toBeNull();
  });

  test("one that says nothing for a minute is not heard", async (context) => {
    const [db] = await twoHosts(context);
    await sayHost(db, said);
    await sayHost(db, other);
    await seenAt(db, "aa-1", aMinuteAgo());
    expect(await heardHosts(db).execute()).toEqual([{ name: "bb-1" }]);
    expect((await hostStates(db)).map(({ isHeard }) => isHeard)).toEqual([false, true]);
  });

  test("the start of a host ends the rows of its own folder alone, and those of more than a day", async (context) => {
    const [db] = await twoHosts(context);
    for (const name of ["aa-1", "aa-2", "bb-1", "cc-1"]) await sayHost(db, { ...said, name });
    await seenAt(db, "bb-1", aMinuteAgo());
    await seenAt(db, "cc-1", "2026-01-01T00:00:00.000Z");
    await endedHosts(db, { except: "aa-2", prefix: "aa-" });
    const names = async () => (await hostStates(db)).map(({ name }) => name).toSorted();
    expect(await names()).toEqual(["aa-2", "bb-1"]);
    await endedHosts(db, { except: null, prefix: "aa-2" });
    expect(await names()).toEqual(["bb-1"]);
  });

  test("a setting is unlike if a host that is heard has a reason against it, or an older version", async (context) => {
    const [db] = await twoHosts(context);
    await addRow(db, "shared_settings", { name: "prices.json", version: 3 });
    await addRow(db, "shared_settings", { name: "secrets.json", version: 1 });
    await sayHost(db, said);
    await sayHost(db, {
      ...other,
      settings: {
        "prices.json": { version: 3, problem: null },
        "secrets.json": { version: null, problem: "this host has no GATEHOUSE_KEY_FILE" },
        "mounts.json": { version: null, problem: null },
      },
    });
    await sayHost(db, { ...said, name: "gone", place: "gone" });
    await seenAt(db, "gone", aMinuteAgo());
    expect(await unlikeSettings(db, await hostStates(db))).toEqual([
      { host: "alpha:/srv/one", file: "prices.json", reason: "it has version 2, and the newest is 3" },
      { host: "beta:/srv/two", file: "secrets.json", reason: "this host has no GATEHOUSE_KEY_FILE" },
    ]);
  });
});
