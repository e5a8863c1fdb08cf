import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import type { ConvertedRows, LegacyRows } from "./convert-rows.ts";
import type { ImportReport } from "./import-report.ts";
import { legacyTables } from "./legacy-tables.ts";

/** Why a table is not imported. A table without a reason here has no place in our database. */
const reasons: Readonly<Record<string, string>> = {
  pending_approvals:
    "what waited for a person is asked for again: an approval is worth something on its own host only",
  pending_questions: "they belong to conversations, which stay where they are",
};

/** Tables that are read elsewhere, or need no mention. */
const others: readonly string[] = ["container_configs", "schema_version"];

/** The parts of a nanoclaw folder that are not imported: tables and columns with values, and folders. */
export const notTaken = async (
  folder: string,
  source: LegacyRows,
  converted: ConvertedRows,
): Promise<ImportReport["notTaken"]> => {
  const taken = converted.rows.agent_groups.map((group) => group["folder"]);
  const others = (await foldersIn(join(folder, "groups"))).filter((name) => !taken.includes(name));
  const sessions = await foldersIn(join(folder, "data", "v2-sessions"));
  return [
    ...rowsNotTaken(source, converted),
    ...others.map((name) => ({
      what: `groups/${name}`,
      count: 1,
      why: "no group that was brought in has it",
    })),
    ...(sessions.length === 0
      ? []
      : [{ what: "data/v2-sessions", count: sessions.length, why: "conversations stay where they are" }]),
  ];
};

const foldersIn = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

const rowsNotTaken = (source: LegacyRows, { otherColumns }: ConvertedRows): ImportReport["notTaken"] => {
  const read = [...legacyTables.map((table) => table.source), ...others];
  const tables = Object.entries(source)
    .filter(([name, rows]) => !read.includes(name) && rows.length > 0)
    .map(([what, { length: count }]) => ({
      what,
      count,
      why: reasons[what] ?? "there is no such thing here",
    }));
  const columns = Object.entries(otherColumns).map(([what, count]) => ({
    what,
    count,
    why: "there is no such column here",
  }));
  return [...tables, ...columns];
};
