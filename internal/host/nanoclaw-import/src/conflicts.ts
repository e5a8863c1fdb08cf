import { lstat, readdir } from "node:fs/promises";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { groupFolder } from "@gatehouse/group-workspace";
import { sameKey, type ConvertedRows, type ImportedRow } from "./convert-rows.ts";
import { systemCode } from "@gatehouse/std";
import { legacyTables } from "./legacy-tables.ts";

/** An item of the source that exists in this data folder, as text for a person: `agent_groups id ag-1`. */
export type Conflict = string;

/** Returns the rows of the source whose keys exist in the database. */
export const conflictsIn = async (
  db: Kysely<CentralTables>,
  rows: ConvertedRows["rows"],
): Promise<readonly Conflict[]> => {
  const conflicts: Conflict[] = [];
  for (const { table, unique } of legacyTables) {
    const existing = await (db as unknown as Kysely<Record<string, ImportedRow>>)
      .selectFrom(table)
      .select([...new Set(unique.flat())])
      .execute();
    if (existing.length === 0) continue;
    for (const columns of unique) {
      const taken = new Set(existing.map((row) => sameKey(columns, row)));
      for (const row of rows[table].filter((one) => taken.has(sameKey(columns, one))))
        conflicts.push(`${table} ${keyText(columns, row)}`);
    }
  }
  return conflicts;
};

/** Returns the columns of a key without empty ones, such as `instance` on a platform with one bot. */
const keyText = (columns: readonly string[], row: ImportedRow): string =>
  columns
    .filter((column) => row[column] !== "")
    .map((column) => `${column} ${String(row[column])}`)
    .join(", ");

/** Returns the folders of the source's groups that exist in the data folder and are not empty. */
export const existingFolders = async (
  dataDir: string,
  rows: ConvertedRows["rows"],
): Promise<readonly Conflict[]> => {
  const paths = rows.agent_groups.map((group) => groupFolder(dataDir, String(group["folder"])));
  const conflicts: Conflict[] = [];
  for (const path of paths) if (await hasContent(path)) conflicts.push(`the folder ${path}`);
  return conflicts;
};

/** Returns false for a missing path and for an empty folder. Does not follow a link. */
const hasContent = async (path: string): Promise<boolean> => {
  try {
    const facts = await lstat(path);
    return !facts.isDirectory() || (await readdir(path)).length > 0;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return false;
    throw error;
  }
};
