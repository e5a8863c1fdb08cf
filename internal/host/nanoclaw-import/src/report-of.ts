import type { Configured } from "./configure-groups.ts";
import type { ConvertedRows } from "./convert-rows.ts";
import type { ConvertedTasks } from "./convert-tasks.ts";
import type { CopiedFolder } from "./folder/copy-folder.ts";
import type { ImportedGroup, ImportReport } from "./import-report.ts";
import { legacyTables } from "./legacy-tables.ts";
import type { MissingDestinations } from "./missing-destinations.ts";
import type { Confirmable } from "./rights-and-programs.ts";
import type { NotTaken } from "./not-taken.ts";

/** The copy of each group's folder, by the folder's name. */
export type Folders = ReadonlyMap<string, CopiedFolder>;

type Outcome = Configured & {
  readonly confirmable: Confirmable;
  readonly destinations: MissingDestinations;
  readonly folders: Folders;
  readonly notTaken: readonly NotTaken[];
  readonly convertedTasks: ConvertedTasks;
};

/** Composes the report of an import. */
export const reportOf = (
  head: Pick<ImportReport, "source" | "dryRun">,
  converted: ConvertedRows,
  outcome: Outcome,
): ImportReport => ({
  ...head,
  taken: {
    ...(Object.fromEntries(
      legacyTables.map(({ table }) => [table, converted.rows[table].length]),
    ) as ImportReport["taken"]),
    tasks: outcome.convertedTasks.rows.length,
  },
  groups: converted.rows.agent_groups.map((row) => importedGroup(row, outcome)),
  ...outcome.confirmable,
  configurations: outcome.sentences,
  leftOut: [...converted.leftOut, ...outcome.convertedTasks.leftOut],
  changed: [...converted.changed, ...outcome.destinations.notes],
  notTaken: outcome.notTaken,
});

const importedGroup = (
  row: ConvertedRows["rows"]["agent_groups"][number],
  { backfill, scopes, fromDatabase, folders }: Outcome,
): ImportedGroup => {
  const [id, name, folder] = [String(row["id"]), String(row["name"]), String(row["folder"])];
  const filled = backfill.backfilled.find(({ groupId }) => groupId === id);
  const configuration = filled?.from === "file" ? "container.json" : (filled?.from ?? "none");
  const { files = 0, skipped = [] } = folders.get(folder) ?? {};
  return {
    id,
    name,
    folder,
    configuration: fromDatabase.has(id) ? "database" : configuration,
    scope: scopes.get(id) ?? "group",
    files,
    skipped,
  };
};
