import { fieldNames } from "@nc/container-config";
import type { ConvertedRows, LegacyRows } from "./convert-rows.ts";
import type { LegacyRow } from "./field-reader.ts";
import { foldersBelow } from "./folder/folders-below.ts";
import { legacyTables } from "./legacy-tables.ts";

/** A part of a nanoclaw folder that is not imported: a table, a column with values, or a folder. */
export type NotTaken = { readonly what: string; readonly count: number };

/** Lists the parts of a nanoclaw folder that are not imported: tables with rows, columns with values, and folders. */
export const notTaken = async (
  folder: string,
  source: LegacyRows,
  { rows }: ConvertedRows,
): Promise<readonly NotTaken[]> => {
  const groups = rows.agent_groups.map((group) => group["folder"]);
  const others = await foldersBelow(folder, "groups");
  const sessions = await foldersBelow(folder, "data", "v2-sessions");
  const skills = await foldersBelow(folder, "container", "skills");
  return [
    ...Object.entries(source).flatMap(([table, all]) => partsOf(table, all, rows)),
    ...(others.ok
      ? others.value
          .filter((name) => !groups.includes(name))
          .map((name) => ({ what: `groups/${name}`, count: 1 }))
      : [unread(others.error)]),
    ...countOf("data/v2-sessions", sessions),
    ...countOf("container/skills", skills),
  ];
};

type Folders = Awaited<ReturnType<typeof foldersBelow>>;

const countOf = (what: string, folders: Folders): readonly NotTaken[] => {
  if (!folders.ok) return [unread(folders.error)];
  return folders.value.length === 0 ? [] : [{ what, count: folders.value.length }];
};

const unread = (why: string): NotTaken => ({ what: why, count: 1 });

/** Returns a table that is not read, or the columns of a table that are not read. */
const partsOf = (
  name: string,
  all: readonly LegacyRow[],
  rows: ConvertedRows["rows"],
): readonly NotTaken[] => {
  if (name === "schema_version" || all.length === 0) return [];
  const read = columnsRead(name, all, rows);
  if (read === null) return [{ what: name, count: all.length }];
  const columns = [...new Set(all.flatMap((row) => Object.keys(row)))];
  return columns
    .filter((column) => !read.includes(column))
    .map((column) => ({
      what: `${name}.${column}`,
      count: all.filter((row) => hasValue(row[column])).length,
    }))
    .filter(({ count }) => count > 0);
};

/** Returns the columns that an import reads from a table; null if the import does not read the table. */
const columnsRead = (
  name: string,
  all: readonly LegacyRow[],
  rows: ConvertedRows["rows"],
): readonly string[] | null => {
  if (name === "container_configs") return [...fieldNames, "agent_group_id", "created_at", "updated_at"];
  const table = legacyTables.find(({ source }) => source === name);
  if (table === undefined) return null;
  const [first] = rows[table.table];
  // The report lists each row that was left out.
  return first === undefined ? Object.keys(all[0] ?? {}) : [...Object.keys(first), ...(table.alsoRead ?? [])];
};

const empty: readonly unknown[] = [null, undefined, "", "{}", "[]"];

const hasValue = (value: unknown): boolean => !empty.includes(value);
