import { join } from "node:path";
import type { ConvertedRows, LegacyRows } from "./convert-rows.ts";
import type { ImportReport } from "./import-report.ts";
import { filesIn, foldersIn, leftConversations } from "./folder/left-conversations.ts";
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
  const folders = await Promise.all(others.map((name) => folderLeft(folder, name)));
  return [...rowsNotTaken(source, converted), ...folders, ...(await leftConversations(folder))];
};

/** Counts the files of the folder that all groups share in nanoclaw: it is a memory that agents rely on. */
const folderLeft = async (folder: string, name: string): Promise<ImportReport["notTaken"][number]> => {
  const what = `groups/${name}`;
  if (name !== "global") return { what, count: 1, why: "no group that was brought in has it" };
  const why =
    "all groups read these files there; here each reads its own folder: copy what they need into them";
  return { what, count: await filesIn(join(folder, what)), why };
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
  return [...tables, ...otherColumns];
};
