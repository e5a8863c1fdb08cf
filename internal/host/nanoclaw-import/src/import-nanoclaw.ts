import { join } from "node:path";
import type { Kysely, Transaction } from "kysely";
import { attempt } from "@gatehouse/sqlite";
import type { Central, CentralTables } from "@gatehouse/central-database";
import { makeStaging, settleStaging } from "@gatehouse/group-setup";
import type { Result } from "@gatehouse/std";
import { configureGroups, type Configured } from "./configure-groups.ts";
import { conflictsIn, existingFolders, type Conflict } from "./conflicts.ts";
import { convertRows, type ConvertedRows, type ImportedRow, type LegacyRows } from "./convert-rows.ts";
import { convertTasks, type ConvertedTasks } from "./convert-tasks.ts";
import { readTasks, type LegacyTasks } from "./folder/read-tasks.ts";
import { copyFolder, type CopiedFolder } from "./folder/copy-folder.ts";
import {
  explainConflicts,
  explainCopy,
  explainSaving,
  explainSource,
  explainUnconfirmed,
} from "./import-messages.ts";
import type { ImportFailure, ImportReport } from "./import-report.ts";
import { mountRuleIn } from "@gatehouse/mounts";
import { legacyTables, type ImportedTable } from "./legacy-tables.ts";
import { missingDestinations, type MissingDestinations } from "./missing-destinations.ts";
import { notTaken } from "./not-taken.ts";
import { readSource } from "./folder/read-source.ts";
import { confirmableOf, type Confirmable } from "./rights-and-programs.ts";
import { reportOf, type Folders } from "./report-of.ts";

type Database = Transaction<CentralTables>;

/** `now` returns ISO 8601 in UTC. `isConfirmed`: a person wants the rights and programs of the source. */
export type ImportDeps = {
  readonly dataDir: string;
  readonly now: () => string;
  readonly isConfirmed: boolean;
};

/** The data of a nanoclaw folder. */
export type Source = {
  readonly folder: string;
  readonly rows: LegacyRows;
  readonly converted: ConvertedRows;
  readonly tasks: LegacyTasks;
};

/** Reads a nanoclaw folder, and does not change it. `now` replaces times that cannot be read. */
export const readNanoclaw = async (folder: string, now: string): Promise<Result<Source, ImportFailure>> => {
  const rows = await readSource(folder);
  if (!rows.ok) return { ok: false, error: explainSource(rows.error) };
  const [converted, tasks] = [convertRows(rows.value, now), await readTasks(folder)];
  return { ok: true, value: { folder, rows: rows.value, converted, tasks } };
};

/** Returns the items of a source that exist in the data folder or its database. */
export const conflictsOf = async (
  db: Kysely<CentralTables> | null,
  dataDir: string,
  { converted: { rows } }: Source,
): Promise<readonly Conflict[]> => [
  ...(db === null ? [] : await conflictsIn(db, rows)),
  ...(await existingFolders(dataDir, rows)),
];

/**
 * Imports a nanoclaw folder that was read: rows and configurations into the central database in one transaction, and copies of
 * the groups' folders into the data folder. Only reads the source. Imports nothing if any part of it exists already.
 */
export const importNanoclaw = async (
  { db }: Central,
  deps: ImportDeps,
  source: Source,
): Promise<Result<ImportReport, ImportFailure>> => {
  await settleStaging(db, deps.dataDir);
  const conflicts = await conflictsOf(db, deps.dataDir, source);
  if (conflicts.length > 0) return { ok: false, error: explainConflicts(conflicts) };
  return importSource(db, deps, source, { workDir: deps.dataDir, isDry: false });
};

/** `workDir` is the data folder, or for a dry run a temporary folder. */
export type Run = { readonly workDir: string; readonly isDry: boolean };

/** Imports a source completely or not at all. */
export const importSource = async (
  db: Central["db"],
  { dataDir, now, isConfirmed }: ImportDeps,
  source: Source,
  { workDir, isDry }: Run,
): Promise<Result<ImportReport, ImportFailure>> => {
  const { folder, rows, converted } = source;
  const left = await notTaken(folder, rows, converted);
  const staged = await attempt(() => copyFolders(source, workDir, isDry));
  if (!staged.ok) {
    await settleStaging(db, workDir);
    return { ok: false, error: explainCopy(folder, staged.error) };
  }
  const place = { dataDir, now, mountRule: await mountRuleIn(dataDir), groupsDir: staged.value.staging };
  const destinations = missingDestinations(rows, converted);
  const mayStay = isDry || isConfirmed;
  const saved = await attempt(() => save(db, source, destinations, { ...place, mayStay }));
  // The next start moves or removes the folders that stay now: rows that are committed are imported.
  await attempt(() => settleStaging(db, workDir));
  if (!saved.ok) return { ok: false, error: explainSaving(saved.error) };
  if ("unconfirmed" in saved.value) return { ok: false, error: explainUnconfirmed(saved.value.unconfirmed) };
  const { folders } = staged.value;
  const outcome = { ...saved.value, destinations, folders, notTaken: left };
  return { ok: true, value: reportOf({ source: folder, dryRun: isDry }, converted, outcome) };
};

type Staged = { readonly staging: string; readonly folders: Folders };

const copyFolders = async (
  { folder, converted }: Source,
  workDir: string,
  isDry: boolean,
): Promise<Staged> => {
  const staging = await makeStaging(workDir);
  const folders = new Map<string, CopiedFolder>();
  for (const group of converted.rows.agent_groups) {
    const name = String(group["folder"]);
    folders.set(name, await copyFolder(join(folder, "groups", name), join(staging, name), { isDry }));
  }
  return { staging, folders };
};

type Saved = Configured & { readonly confirmable: Confirmable; readonly convertedTasks: ConvertedTasks };

/** Saves the rows. Without `mayStay` they are saved only if a person has nothing to confirm. */
const save = async (
  db: Central["db"],
  { rows, converted, tasks }: Source,
  destinations: MissingDestinations,
  { mayStay, ...place }: Parameters<typeof configureGroups>[3] & { readonly mayStay: boolean },
): Promise<Saved | { readonly unconfirmed: Confirmable }> => {
  const transaction = await db.startTransaction().execute();
  let isKept = false;
  try {
    await insertAll(transaction, converted);
    await insertInto(transaction, "agent_destinations", destinations.made);
    const configured = await configureGroups(transaction, rows, converted, place);
    const convertedTasks = convertTasks(tasks, {
      rows: converted.rows,
      sessions: rows["sessions"] ?? [],
      zoneOf: await zonesIn(transaction),
      now: place.now(),
    });
    await insertInto(transaction, "tasks", convertedTasks.rows);
    const programs = await confirmableOf(transaction, converted, place.now);
    const confirmable = { ...programs, tasks: convertedTasks.sentences };
    if (!mayStay && Object.values(confirmable).some((lines) => lines.length > 0))
      return { unconfirmed: confirmable };
    isKept = true;
    return { ...configured, confirmable, convertedTasks };
  } finally {
    await (isKept ? transaction.commit() : transaction.rollback()).execute();
  }
};

/** The timezone of each group, or the host's. */
const zonesIn = async (db: Database): Promise<(groupId: string) => string> => {
  const rows = await db.selectFrom("container_configs").select(["agent_group_id", "timezone"]).execute();
  const zones = new Map(rows.map(({ agent_group_id: id, timezone }) => [id, timezone]));
  return (groupId) => zones.get(groupId) ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
};

/** The number of rows in a statement. SQLite accepts 32,766 values, and the widest row has 13. */
const batchSize = 1000;

const insertAll = async (db: Database, { rows }: ConvertedRows): Promise<void> => {
  for (const { table } of legacyTables) await insertInto(db, table, rows[table]);
};

const insertInto = async (
  db: Database,
  table: ImportedTable | "tasks",
  rows: readonly ImportedRow[],
): Promise<void> => {
  for (let from = 0; from < rows.length; from += batchSize) {
    const values = rows.slice(from, from + batchSize);
    await (db as unknown as Transaction<Record<string, object>>).insertInto(table).values(values).execute();
  }
};
