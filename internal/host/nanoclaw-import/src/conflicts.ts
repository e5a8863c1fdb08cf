import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { groupFolder } from "@gatehouse/group-workspace";
import { sameKey, type ConvertedRows, type ImportedRow } from "./convert-rows.ts";
import { holdsSomething } from "./folder/facts-of.ts";
import { legacyTables } from "./legacy-tables.ts";

/** An item of the source that exists here already, as text for a person: `agent_groups id ag-1`. */
export type Conflict = string;

/** The rows of the source whose keys exist in the database. */
export const conflictsIn = async (
  db: Kysely<CentralTables>,
  rows: ConvertedRows["rows"],
): Promise<readonly Conflict[]> => {
  const conflicts: Conflict[] = [];
  for (const { table, unique } of legacyTables) {
    const there = await (db as unknown as Kysely<Record<string, ImportedRow>>)
      .selectFrom(table)
      .select([...new Set(unique.flat())])
      .execute();
    if (there.length === 0) continue;
    for (const columns of unique) {
      const taken = new Set(there.map((row) => sameKey(columns, row)));
      for (const row of rows[table].filter((one) => taken.has(sameKey(columns, one))))
        conflicts.push(`${table} ${keyText(columns, row)}`);
    }
  }
  return conflicts;
};

/** The columns of a key without empty ones, such as `instance` on a platform with one bot. */
const keyText = (columns: readonly string[], row: ImportedRow): string =>
  columns
    .filter((column) => row[column] !== "")
    .map((column) => `${column} ${String(row[column])}`)
    .join(", ");

/** The folders of the source's groups that exist here and are not empty. */
export const foldersInTheWay = async (
  dataDir: string,
  rows: ConvertedRows["rows"],
): Promise<readonly Conflict[]> => {
  const paths = rows.agent_groups.map((group) => groupFolder(dataDir, String(group["folder"])));
  const inTheWay: Conflict[] = [];
  for (const path of paths) if (await holdsSomething(path)) inTheWay.push(`the folder ${path}`);
  return inTheWay;
};
