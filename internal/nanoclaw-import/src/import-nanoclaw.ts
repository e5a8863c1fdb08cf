import { join } from "node:path";
import type { Transaction } from "kysely";
import { attempt } from "@gatehouse/sqlite";
import { type Central, type CentralTables, makeStaging, settleStaging } from "@gatehouse/control-plane";
import type { Result } from "@gatehouse/std";
import { configureGroups, type Configured } from "./configure-groups.ts";
import { conflictsIn, foldersInTheWay } from "./conflicts.ts";
import { convertRows, type ConvertedRows, type ImportedRow } from "./convert-rows.ts";
import { copyFolder, type CopiedFolder } from "./folder/copy-folder.ts";
import { explainConflicts, explainCopy, explainSaving, explainSource } from "./explain-import.ts";
import type { ImportedGroup, ImportFailure, ImportReport } from "./import-report.ts";
import { readInstallSettings } from "./folder/install-settings.ts";
import { readMountRule } from "./folder/mount-allow-list.ts";
import { legacyTables, type ImportedTable } from "./legacy-tables.ts";
import { missingDestinations, type MissingDestinations } from "./missing-destinations.ts";
import { notTaken } from "./not-taken.ts";
import { readSource } from "./folder/read-source.ts";

type Database = Transaction<CentralTables>;

/** `home` is that of who runs nanoclaw: its list of folders to mount is there. `now` gives ISO 8601 in UTC. */
export type ImportDeps = { readonly dataDir: string; readonly home: string; readonly now: () => string };

/**
 * Imports a nanoclaw folder into the central database: rows and configurations in one transaction, the
 * groups' folders as copies. The source is only read. If any part of it already exists here, nothing is
 * imported.
 */
export const importNanoclaw = async (
  { db }: Central,
  { dataDir, home, now }: ImportDeps,
  folder: string,
): Promise<Result<ImportReport, ImportFailure>> => {
  const source = await readSource(folder);
  if (!source.ok) return { ok: false, error: explainSource(source.error) };
  const converted = convertRows(source.value, now());
  await settleStaging(db, dataDir);
  const conflicts = [
    ...(await conflictsIn(db, converted.rows)),
    ...(await foldersInTheWay(dataDir, converted.rows)),
  ];
  if (conflicts.length > 0) return { ok: false, error: explainConflicts(conflicts) };
  const copied = await attempt(() => copyFolders(dataDir, folder, converted));
  if (!copied.ok) {
    await settleStaging(db, dataDir);
    return { ok: false, error: explainCopy(folder, copied.error) };
  }
  const { staging, folders } = copied.value;
  const [install, mountRule] = await Promise.all([readInstallSettings(folder), readMountRule(home)]);
  const place = { dataDir, now, install, mountRule };
  const destinations = missingDestinations(source.value, converted);
  const saved = await attempt(() =>
    db.transaction().execute(async (transaction) => {
      await insertAll(transaction, converted);
      await insertInto(transaction, "agent_destinations", destinations.made);
      return configureGroups(transaction, source.value, converted, { ...place, groupsDir: staging });
    }),
  );
  await settleStaging(db, dataDir);
  if (!saved.ok) return { ok: false, error: explainSaving(saved.error) };
  const left = await notTaken(folder, source.value, converted);
  return { ok: true, value: reportOf(folder, converted, { ...saved.value, destinations, folders, left }) };
};

type Folders = ReadonlyMap<string, CopiedFolder>;

const copyFolders = async (
  dataDir: string,
  folder: string,
  { rows }: ConvertedRows,
): Promise<{ readonly staging: string; readonly folders: Folders }> => {
  const staging = await makeStaging(dataDir);
  const folders = new Map<string, CopiedFolder>();
  for (const group of rows.agent_groups) {
    const name = String(group["folder"]);
    folders.set(name, await copyFolder(join(folder, "groups", name), join(staging, name)));
  }
  return { staging, folders };
};

/** Rows per statement: SQLite takes 32,766 values, and the widest row has 10. */
const atOnce = 1000;

const insertAll = async (db: Database, { rows }: ConvertedRows): Promise<void> => {
  for (const { table } of legacyTables) await insertInto(db, table, rows[table]);
};

const insertInto = async (
  db: Database,
  table: ImportedTable,
  rows: readonly ImportedRow[],
): Promise<void> => {
  for (let from = 0; from < rows.length; from += atOnce) {
    const values = rows.slice(from, from + atOnce);
    await (db as unknown as Transaction<Record<string, object>>).insertInto(table).values(values).execute();
  }
};

type Outcome = Configured & {
  readonly destinations: MissingDestinations;
  readonly folders: Folders;
  readonly left: ImportReport["notTaken"];
};

const reportOf = (folder: string, converted: ConvertedRows, outcome: Outcome): ImportReport => ({
  source: folder,
  taken: Object.fromEntries(
    legacyTables.map(({ table }) => [table, converted.rows[table].length]),
  ) as ImportReport["taken"],
  groups: converted.rows.agent_groups.map((row) => importedGroup(row, outcome)),
  configurations: outcome.sentences,
  leftOut: converted.leftOut,
  changed: [...converted.changed, ...outcome.destinations.notes],
  notTaken: outcome.left,
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
