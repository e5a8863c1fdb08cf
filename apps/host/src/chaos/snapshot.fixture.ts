import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import type { ContainerConfig, Settings } from "@nc/container-config";
import { containerConfigStore, openSqlite } from "@nc/container-config/node";
import { expect } from "vitest";
import { centralFile, type CentralTables } from "@gatehouse/central-database";
import { lockHolders, openReading, type PostgresAddress } from "@gatehouse/postgres";

/** The state that a killed host left, before another host opens it. */
export type Snapshot = {
  /** The lines of SQLite's `integrity_check`: only `ok` if it found no problem. */
  readonly integrity: readonly string[];
  readonly brokenKeys: readonly object[];
  readonly groups: readonly { readonly id: string; readonly name: string; readonly folder: string }[];
  readonly configs: readonly ContainerConfig[];
  readonly history: readonly {
    readonly groupId: string;
    readonly generation: number;
    readonly settings: Settings;
  }[];
  readonly members: readonly { readonly groupId: string; readonly userId: string }[];
  readonly approvals: readonly { readonly id: string; readonly status: string; readonly apt: string }[];
  /** The ids of all messages to sessions. */
  readonly told: readonly string[];
  /** The number of decisions, by `<effect> <actor> <command>`. */
  readonly decisions: ReadonlyMap<string, number>;
  /** The folders in `groups/`, and the names in each. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
};

/** Reads the state that a killed host left, on the server or in its file. */
export const snapshotOf = async (
  dataDir: string,
  database: PostgresAddress | null = null,
): Promise<Snapshot> => {
  const tables = database === null ? await tablesOfCopy(dataDir) : await tablesOnServer(database);
  return { ...tables, folders: foldersOf(join(dataDir, "groups")) };
};

/** Reads the state of a running host on the server, while no client sends commands. */
export const snapshotBeside = async (dataDir: string, database: PostgresAddress): Promise<Snapshot> => {
  const reading = await openReading<CentralTables>(database);
  const tables = { integrity: ["ok"], brokenKeys: [], ...(await rowsOf(reading)) };
  await reading.destroy();
  return { ...tables, folders: foldersOf(join(dataDir, "groups")) };
};

type Tables = Omit<Snapshot, "folders">;

/** Reads the tables once the server has noticed that the host was killed: until then it may still commit. */
const tablesOnServer = async (database: PostgresAddress): Promise<Tables> => {
  const reading = await openReading<CentralTables>(database);
  await expect.poll(() => lockHolders(reading), { interval: 10 }).toEqual([]);
  // A server has no counterpart of SQLite's two checks: it enforces these rules itself.
  const tables = { integrity: ["ok"], brokenKeys: [], ...(await rowsOf(reading)) };
  await reading.destroy();
  return tables;
};

/** Reads the tables from a copy, since opening the file itself would repair it before the next host does. */
const tablesOfCopy = async (dataDir: string): Promise<Tables> => {
  const copy = mkdtempSync(join(tmpdir(), "gatehouse-killed-"));
  for (const ending of ["", "-wal"])
    if (existsSync(centralFile(dataDir) + ending))
      copyFileSync(centralFile(dataDir) + ending, centralFile(copy) + ending);
  const opened = await openSqlite<CentralTables>(centralFile(copy));
  if (!opened.ok) expect.fail(`The database does not open: ${JSON.stringify(opened.error)}`);
  const { db, close } = opened.value;
  const integrity = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
  const brokenKeys = await sql<object>`pragma foreign_key_check`.execute(db);
  const tables = {
    integrity: integrity.rows.map((row) => row.integrity_check),
    brokenKeys: brokenKeys.rows,
    ...(await rowsOf(db)),
  };
  await close();
  rmSync(copy, { recursive: true });
  return tables;
};

const rowsOf = async (db: Kysely<CentralTables>): Promise<Omit<Tables, "integrity" | "brokenKeys">> => ({
  groups: await db.selectFrom("agent_groups").select(["id", "name", "folder"]).execute(),
  configs: (await containerConfigStore(db, { now: () => "" }).getAll()).map((one) =>
    one.ok ? one.value : expect.fail(JSON.stringify(one.error)),
  ),
  history: await historyOf(db),
  members: await db
    .selectFrom("agent_group_members")
    .select(["agent_group_id as groupId", "user_id as userId"])
    .execute(),
  approvals: await approvalsOf(db),
  told: await toldOf(db),
  decisions: await decisionsOf(db),
});

const historyOf = async (db: Kysely<CentralTables>): Promise<Snapshot["history"]> => {
  const rows = await db
    .selectFrom("container_config_history")
    .select(["agent_group_id as groupId", "generation", "config"])
    .orderBy("agent_group_id")
    .orderBy("generation")
    .execute();
  return rows.map(({ config, ...row }) => ({ ...row, settings: JSON.parse(config) as Settings }));
};

const approvalsOf = async (db: Kysely<CentralTables>): Promise<Snapshot["approvals"]> => {
  const rows = await db
    .selectFrom("pending_approvals")
    .select(["approval_id as id", "status", "shown"])
    .execute();
  return rows.map(({ shown, ...row }) => ({
    ...row,
    apt: String((JSON.parse(shown) as { apt: string }).apt),
  }));
};

const toldOf = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_messages_in").select("id").execute();
  return rows.map(({ id }) => id);
};

const decisionsOf = async (db: Kysely<CentralTables>): Promise<ReadonlyMap<string, number>> => {
  const rows = await db
    .selectFrom("decisions")
    .select(({ fn }) => ["effect", "actor", "command", fn.countAll<number>().as("count")])
    .groupBy(["effect", "actor", "command"])
    .execute();
  return new Map(
    rows.map(({ effect, actor, command, count }) => [`${effect} ${actor} ${command}`, Number(count)]),
  );
};

const foldersOf = (groups: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    existsSync(groups) ? readdirSync(groups).map((name) => [name, readdirSync(join(groups, name))]) : [],
  );
