import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { groupFolder } from "@gatehouse/group-workspace";
import { sameKey, type ConvertedRows, type ImportedRow } from "./convert-rows.ts";
import { holdsSomething } from "./folder/facts-of.ts";
import { legacyTables } from "./legacy-tables.ts";

/** An item of the source that already exists here, in words for a person: `agent_groups id ag-1`. */
export type Conflict = string;

/** Rows of the database with the same keys as rows of the source. */
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

/** Without what is empty, as the bot of a platform that has one. */
const keyText = (columns: readonly string[], row: ImportedRow): string =>
  columns
    .filter((column) => row[column] !== "")
    .map((column) => `${column} ${String(row[column])}`)
    .join(", ");

/** Folders of groups that already contain files. */
export const foldersInTheWay = async (
  dataDir: string,
  rows: ConvertedRows["rows"],
): Promise<readonly Conflict[]> => {
  const paths = rows.agent_groups.map((group) => groupFolder(dataDir, String(group["folder"])));
  const inTheWay: Conflict[] = [];
  for (const path of paths) if (await holdsSomething(path)) inTheWay.push(`the folder ${path}`);
  return inTheWay;
};
