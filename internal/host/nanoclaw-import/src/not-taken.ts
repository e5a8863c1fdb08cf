import type { ConvertedRows, LegacyRows } from "./convert-rows.ts";
import type { ImportReport } from "./import-report.ts";
import { foldersBelow } from "./folder/plain-folder.ts";
import { leftConversations, type Told } from "./left-conversations.ts";
import { legacyTables } from "./legacy-tables.ts";

/** The reasons why tables are not imported. For other tables our database has no counterpart. */
const reasons: Readonly<Record<string, string>> = {
  pending_approvals: "the agents have to ask again: an approval is valid only on its own host",
  pending_questions: "no agent waits for this answer any more: the agent must ask again",
};

/** Tables that other code reads, or that need no mention. */
const otherTables: readonly string[] = ["container_configs", "schema_version"];

/** The parts of a nanoclaw folder that are not imported: tables and columns with values, and folders. */
export const notTaken = async (
  folder: string,
  source: LegacyRows,
  converted: ConvertedRows,
  told: Told,
): Promise<ImportReport["notTaken"]> => {
  const taken = ["global", ...converted.rows.agent_groups.map((group) => group["folder"])];
  const others = (await foldersBelow(folder, "groups")).filter((name) => !taken.includes(name));
  const folders = others.map((name) => ({
    what: `groups/${name}`,
    count: 1,
    why: "no imported group has this folder",
  }));
  return [...rowsNotTaken(source, converted), ...folders, ...(await leftConversations(folder, told))];
};

const rowsNotTaken = (source: LegacyRows, { otherColumns }: ConvertedRows): ImportReport["notTaken"] => {
  const read = [...legacyTables.map((table) => table.source), ...otherTables];
  const tables = Object.entries(source)
    .filter(([name, rows]) => !read.includes(name) && rows.length > 0)
    .map(([what, { length: count }]) => ({
      what,
      count,
      why: reasons[what] ?? "this host has nothing like it",
    }));
  return [...tables, ...otherColumns];
};
