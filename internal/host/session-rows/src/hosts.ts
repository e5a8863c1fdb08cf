import { sql, type Kysely, type SelectQueryBuilder } from "kysely";
import { databaseTime, type CentralTables } from "@gatehouse/central-database";

/** What a host of a database on a server says of itself. */
export type HostSaid = {
  readonly name: string;
  /** Its machine and data folder, for people. */
  readonly place: string;
  readonly version: string | null;
  /** The runtime of its agents. */
  readonly runtime: string;
  /** By the name of a shared file, the version that the host has, and why it has not the newest one. */
  readonly settings: Readonly<
    Record<string, { readonly version: number | null; readonly problem: string | null }>
  >;
};

/** A host, and its work. Times are ISO 8601, UTC. */
export type HostState = HostSaid & {
  readonly startedAt: string;
  readonly seenAt: string;
  /** False if the host has said nothing for so long that others take its work over. */
  readonly isHeard: boolean;
  /** The sessions that it leases, and how many of them run an agent. */
  readonly sessions: number;
  readonly running: number;
  /** The names of the groups of these agents. */
  readonly groups: readonly string[];
};

/** How often a host says that it runs, ms. */
export const sayHostMs = 5_000;

/** A host that was not heard of for longer is gone, or cannot reach the database, ms. */
const heardMs = 15_000;

/** The row of a host that was killed, and started on no machine again, goes after so long, ms. */
const forgottenMs = 86_400_000;

/** Says that a host runs. */
export const sayHost = async (db: Kysely<CentralTables>, host: HostSaid): Promise<void> => {
  const said = { ...host, settings: JSON.stringify(host.settings), seen_at: databaseTime(db) };
  await db
    .insertInto("hosts")
    .values({ ...said, started_at: databaseTime(db) })
    .onConflict((there) => there.column("name").doUpdateSet(said))
    .execute();
};

/** Which copy of a data folder a host has: `id` is the same in all of them, `since` is when this one took the place. */
export type HostSuccession = { readonly id: string; readonly since: string; readonly place: string };

/**
 * Takes the place of all hosts with an earlier copy of this data folder. Returns the host of a later copy if there is one: then
 * this one has no place on this database any more.
 */
export const laterHost = async (
  db: Kysely<CentralTables>,
  own: HostSuccession,
): Promise<HostSuccession | null> => {
  await db
    .insertInto("successions")
    .values(own)
    .onConflict((there) =>
      there
        .column("id")
        .doUpdateSet({ since: own.since, place: own.place })
        .where("successions.since", "<", own.since),
    )
    .execute();
  const there = db.selectFrom("successions").selectAll().where("id", "=", own.id);
  const { since, place } = await there.executeTakeFirstOrThrow();
  return since > own.since ? { id: own.id, since, place } : null;
};

/** Removes the rows of hosts whose names begin with `prefix`, except one, and those of hosts that were forgotten. */
export const endedHosts = async (
  db: Kysely<CentralTables>,
  { except, prefix }: { readonly except: string | null; readonly prefix: string },
): Promise<void> => {
  await db
    .deleteFrom("hosts")
    .where(({ and, eb, or }) =>
      or([
        and([
          eb(sql<string>`substr(name, 1, ${prefix.length})`, "=", prefix),
          ...(except === null ? [] : [eb("name", "!=", except)]),
        ]),
        eb("seen_at", "<", databaseTime(db, -forgottenMs)),
      ]),
    )
    .execute();
};

/** A query for the names of the hosts that run. */
export const heardHosts = (
  db: Kysely<CentralTables>,
): SelectQueryBuilder<CentralTables, "hosts", { name: string }> =>
  db.selectFrom("hosts").select("name").where("seen_at", ">", databaseTime(db, -heardMs));

/** All hosts of the database, sorted by place. A database in a file has none of these rows. */
export const hostStates = async (db: Kysely<CentralTables>): Promise<readonly HostState[]> => {
  const rows = await db
    .selectFrom("hosts")
    .selectAll()
    .select(({ eb }) => eb("seen_at", ">", databaseTime(db, -heardMs)).as("heard"))
    .orderBy("place")
    .orderBy("name")
    .execute();
  if (rows.length === 0) return [];
  const held = await db
    .selectFrom("leases")
    .innerJoin("sessions", "sessions.id", "session_id")
    .innerJoin("agent_groups", "agent_groups.id", "agent_group_id")
    .select(["owner", "container_status as status", "agent_groups.name as group"])
    .select(({ fn }) => fn.countAll<number | string>().as("count"))
    .where("expires_at", ">", databaseTime(db))
    .groupBy(["owner", "container_status", "agent_groups.name"])
    .orderBy("agent_groups.name")
    .execute();
  return rows.map(({ heard, settings, started_at: startedAt, seen_at: seenAt, ...row }) => {
    const own = held.filter(({ owner }) => owner === row.name);
    const running = own.filter(({ status }) => status === "running");
    return {
      ...row,
      startedAt,
      seenAt,
      isHeard: Boolean(heard),
      settings: JSON.parse(settings) as HostSaid["settings"],
      sessions: sum(own),
      running: sum(running),
      groups: running.map(({ group }) => group),
    };
  });
};

const sum = (rows: readonly { readonly count: number | string }[]): number =>
  rows.reduce((total, { count }) => total + Number(count), 0);

/** What the hosts that run have not of the shared files: a sentence each. */
export const unlikeSettings = async (
  db: Kysely<CentralTables>,
  hosts: readonly HostState[],
): Promise<readonly { readonly host: string; readonly file: string; readonly reason: string }[]> => {
  const rows = await db.selectFrom("shared_settings").select(["name", "version"]).orderBy("name").execute();
  const newest = new Map(rows.map(({ name, version }) => [name, version]));
  return hosts
    .filter(({ isHeard }) => isHeard)
    .flatMap(({ place: host, settings }) =>
      Object.entries(settings).flatMap(([file, { version, problem }]) => {
        const last = newest.get(file) ?? null;
        const reason =
          problem ??
          (last === null || (version ?? 0) >= last
            ? null
            : `it has ${version === null ? "none of it" : `version ${version}`}, and the newest is ${last}`);
        return reason === null ? [] : [{ host, file, reason }];
      }),
    );
};
