import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { attempt } from "@gatehouse/sqlite";
import { newestBackup } from "./backup.ts";
import type { CentralTables } from "./tables.ts";

/** A central database without rows, beside files that show that it had some. */
export type Emptied = {
  readonly code: "database-emptied";
  readonly file: string;
  /** What is wrong with it: "is not there", "is empty (0 bytes)", "has no row in it". */
  readonly detail: string;
  /** The files that show it, as names in the data folder. */
  readonly beside: readonly string[];
  readonly backup: string | null;
};

/**
 * Looks at the file alone, before SQLite does: that would remove the write-ahead log of an empty one. Beside nothing of ours it is
 * a first start that was interrupted, and null.
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
 * The same of a database that opens. One that was used has a row somewhere, if only a decision in its log, whatever was deleted;
 * folders with nothing in them are what a killed `init` or `groups create` leaves.
 */
export const emptiedRows = async (
  db: Kysely<CentralTables>,
  dataDir: string,
  file: string,
): Promise<Emptied | null> => {
  const beside = await usedFolders(dataDir);
  if (beside.length === 0 || (await hasRows(db))) return null;
  const backup = await newestBackup(dataDir);
  return { code: "database-emptied", file, detail: "has no row in it", beside, backup };
};

const hasRows = async (db: Kysely<CentralTables>): Promise<boolean> => {
  const tables = await db.introspection.getTables();
  for (const { name } of tables.filter((table) => table.name !== "schema_version")) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length > 0) return true;
  }
  return false;
};

/** Null where there is no such file. */
const sizeOf = async (file: string): Promise<number | null> => {
  const found = await attempt(() => stat(file));
  return found.ok && found.value.isFile() ? found.value.size : null;
};

/** Folders of groups that hold something, as `groups/<name>`; those of an import or a purge that was interrupted begin with a dot. */
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
