import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { attempt } from "@gatehouse/sqlite";
import { newestBackup } from "./backup.ts";
import { ownTables } from "./migrate.ts";
import type { CentralTables } from "./tables.ts";

/** A central database without rows, beside files that prove that it had some. */
export type Emptied = {
  readonly code: "database-emptied";
  readonly file: string;
  /** The problem with it: "is not there", "is empty (0 bytes)", "has no row in it". */
  readonly detail: string;
  /** The files that prove it, as names in the data folder. */
  readonly beside: readonly string[];
  readonly backup: string | null;
};

/**
 * Checks the file before SQLite opens it, since SQLite would remove the write-ahead log of an empty file.
 * Null if none of our files is beside it: this is a first start, or one that was interrupted.
 */
export const emptiedFile = async (dataDir: string, file: string): Promise<Emptied | null> => {
  const size = await sizeOf(file);
  if (size !== null && size > 0) return null;
  const backup = await newestBackup(dataDir);
  const hasLog = ((await sizeOf(`${file}-wal`)) ?? 0) > 0;
  const beside = [
    ...(await usedFolders(dataDir)),
    ...(backup === null ? [] : ["backups"]),
    ...(hasLog ? ["gatehouse.db-wal"] : []),
  ];
  if (beside.length === 0) return null;
  const detail = size === null ? "is not there" : "is empty (0 bytes)";
  return { code: "database-emptied", file, detail, beside, backup };
};

/**
 * The same check for a database that opens. A used database always has a row, at least a decision in its log,
 * even after all else was deleted. A killed `init` or `groups create` leaves only empty folders.
 */
export const emptiedRows = async (
  db: Kysely<CentralTables>,
  dataDir: string,
  file: string,
): Promise<Emptied | null> => {
  const beside = await orphanedBy(db, dataDir);
  if (beside.length === 0) return null;
  const backup = await newestBackup(dataDir);
  return { code: "database-emptied", file, detail: "has no row in it", beside, backup };
};

/** The folders of groups that a database without rows would leave without their groups. */
export const orphanedBy = async (db: Kysely<CentralTables>, dataDir: string): Promise<readonly string[]> => {
  const beside = await usedFolders(dataDir);
  return beside.length === 0 || (await hasRows(db)) ? [] : beside;
};

/** Whether any table except `schema_version` has a row. */
export const hasRows = async (db: Kysely<CentralTables>): Promise<boolean> => {
  const tables = await ownTables(db);
  for (const { name } of tables.filter((table) => table.name !== "schema_version")) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length > 0) return true;
  }
  return false;
};

/** The size of a file, bytes; null if there is no such file. */
const sizeOf = async (file: string): Promise<number | null> => {
  const found = await attempt(() => stat(file));
  return found.ok && found.value.isFile() ? found.value.size : null;
};

/**
 * Folders of groups that are not empty, as `groups/<name>`. Folders of an interrupted import or purge begin
 * with a dot.
 */
const usedFolders = async (dataDir: string): Promise<readonly string[]> => {
  const names = await attempt(() => readdir(join(dataDir, "groups")));
  const used: string[] = [];
  for (const name of names.ok ? names.value : [])
    if (!name.startsWith(".") && (await holdsSomething(join(dataDir, "groups", name))))
      used.push(`groups/${name}`);
  return used;
};

const holdsSomething = async (path: string): Promise<boolean> => {
  const entries = await attempt(async () => ((await lstat(path)).isDirectory() ? await readdir(path) : []));
  return entries.ok && entries.value.length > 0;
};
