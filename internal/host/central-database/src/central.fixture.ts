import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { sql, type Kysely } from "kysely";
import { expect, onTestFinished } from "vitest";
import { openCentralAt } from "./open-central-at.ts";
import { centralFile, openCentral, type Central } from "./open-central.ts";
import { chooseAddress, type PostgresAddress } from "@gatehouse/postgres";
import { systemCode } from "@gatehouse/std";
import type { Migrations } from "./migrations/index.ts";
import { migratedPostgres } from "./postgres.fixture.ts";
import type { CentralTables } from "./tables.ts";

/** The time at which these tests make all rows. */
export const at = "2026-11-20T08:00:00.000Z";

/** A folder that is removed after the test. */
export const temporaryFolder = (): string => folderIn(tmpdir());

const folderIn = (parent: string): string => {
  const folder = realpathSync(mkdtempSync(join(parent, "gatehouse-central-")));
  onTestFinished(() => removeFolder(folder));
  return folder;
};

/**
 * Removes a folder, with several tries: a program that is still ending may write new files meanwhile. The
 * retries of `rmSync` itself (Node 20.20) repeat only the removal of the folder, not of its content.
 */
const removeFolder = async (folder: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tries === 100 || systemCode(error) !== "ENOTEMPTY") throw error;
      await pause(100);
    }
  }
};

/**
 * Like `temporaryFolder`, but in memory if there is room. A kill -9 leaves the same files there, and
 * thousands of durable commits do not compete with other tests for the disk.
 */
export const folderInMemory = (): string => folderIn(hasRoom("/dev/shm") ? "/dev/shm" : tmpdir());

/** Free memory that is needed, bytes: more than a test with 5,000 messages writes. */
const roomNeeded = 2 ** 28;

const hasRoom = (folder: string): boolean => {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= roomNeeded;
};

/** Whether the tests of this run have their central database on PostgreSQL. */
export const onPostgres: boolean = process.env["GATEHOUSE_TEST_CENTRAL"] === "postgresql";

/** Whether the hosts of this run have their database on a server: project postgresql-host. */
export const hostsOnServer: boolean = process.env["GATEHOUSE_TEST_HOST"] === "postgresql";

/** The database of the hosts that this test starts: null for the data folder's own file. */
export const hostDatabase = (): PostgresAddress | null => {
  const chosen = chooseAddress(process.env);
  return chosen.ok ? chosen.value : expect.fail(chosen.error.message);
};

/**
 * Opens the central database of a folder, and closes it after the test. On PostgreSQL it is always a new one.
 */
export const openedCentral = async (dataDir: string, known?: Migrations): Promise<Central> => {
  if (onPostgres)
    return {
      ...(await migratedPostgres()),
      backup: null,
      removeSchema: null,
      hurry: () => undefined,
      close: async () => undefined,
    };
  const database = hostDatabase();
  if (known === undefined && database === null) await placeMigrated(dataDir);
  const opened =
    known === undefined
      ? await openCentralAt({ dataDir, database }, () => at)
      : await openCentral(dataDir, () => at, known);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const central = opened.value;
  onTestFinished(() => central.close());
  // A test that cuts the power is soak, and opens its database without this fixture.
  if (database === null) await sql`pragma synchronous = off`.execute(central.db);
  return central;
};

/** An empty database at the present schema, as bytes of its file. It is made once in each worker. */
let migrated: Promise<Buffer> | null = null;

/** Puts a copy of the empty database into a data folder without one: to migrate each anew takes 30 ms of the processor. */
const placeMigrated = async (dataDir: string): Promise<void> => {
  const file = centralFile(dataDir);
  if (existsSync(file) || existsSync(join(dataDir, "groups"))) return;
  const bytes = await (migrated ??= migratedFile());
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  writeFileSync(file, bytes, { mode: 0o600 });
};

const migratedFile = async (): Promise<Buffer> => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-migrated-"));
  const opened = await openCentral(folder, () => at);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  await opened.value.close();
  const bytes = readFileSync(centralFile(folder));
  rmSync(folder, { recursive: true });
  return bytes;
};

/** SQLite's text of the schema, by the name of each table and index. */
export const schemaText = async (
  db: Kysely<CentralTables>,
): Promise<Readonly<Record<string, string | null>>> => {
  const { rows } = await sql<{ name: string; sql: string | null }>`
    select name, sql from sqlite_master order by name`.execute(db);
  return Object.fromEntries(rows.map((row) => [row.name, row.sql]));
};
