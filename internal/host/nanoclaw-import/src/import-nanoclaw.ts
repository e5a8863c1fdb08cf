import { join } from "node:path";
import type { Kysely, Transaction } from "kysely";
import { attempt } from "@gatehouse/sqlite";
import type { Central, CentralTables } from "@gatehouse/central-database";
import { makeStaging, settleStaging } from "@gatehouse/group-setup";
import type { Result } from "@gatehouse/std";
import type { AlongPlace, Brought, Left } from "./along/brought.ts";
import { bringConversations, type Continued } from "./along/bring-conversations.ts";
import { bringGlobal } from "./along/bring-global.ts";
import { bringSkills } from "./along/bring-skills.ts";
import { configureGroups, type Configured } from "./configure-groups.ts";
import { conflictsIn, foldersInTheWay, type Conflict } from "./conflicts.ts";
import { convertRows, type ConvertedRows, type ImportedRow, type LegacyRows } from "./convert-rows.ts";
import { readConversations, type LegacyConversation } from "./folder/conversations.ts";
import { copyFolder, type CopiedFolder } from "./folder/copy-folder.ts";
import { explainConflicts, explainCopy, explainSaving, explainSource } from "./import-messages.ts";
import type { ImportFailure, ImportReport } from "./import-report.ts";
import { readInstallSettings } from "./folder/install-settings.ts";
import { withRuleOfList } from "@gatehouse/mounts";
import { readMountRule } from "./folder/mount-allow-list.ts";
import { legacyTables, type ImportedTable } from "./legacy-tables.ts";
import { missingDestinations, type MissingDestinations } from "./missing-destinations.ts";
import { notTaken } from "./not-taken.ts";
import { readSource } from "./folder/read-source.ts";
import { reportOf, type Folders } from "./report-of.ts";

type Database = Transaction<CentralTables>;

/** `home` is the HOME of nanoclaw's account, with its list of folders to mount. `now` returns ISO 8601 in UTC. */
export type ImportDeps = { readonly dataDir: string; readonly home: string; readonly now: () => string };

/** The data of a nanoclaw folder. */
export type Source = {
  readonly folder: string;
  readonly rows: LegacyRows;
  readonly converted: ConvertedRows;
  readonly conversations: readonly LegacyConversation[];
};

/** Reads a nanoclaw folder and does not change it. `now` replaces times that cannot be read. */
export const readNanoclaw = async (folder: string, now: string): Promise<Result<Source, ImportFailure>> => {
  const rows = await readSource(folder);
  if (!rows.ok) return { ok: false, error: explainSource(rows.error) };
  const converted = convertRows(rows.value, now);
  return {
    ok: true,
    value: { folder, rows: rows.value, converted, conversations: await readConversations(folder) },
  };
};

/** The items of a source that exist here already. */
export const conflictsOf = async (
  db: Kysely<CentralTables> | null,
  dataDir: string,
  { converted: { rows } }: Source,
): Promise<readonly Conflict[]> => [
  ...(db === null ? [] : await conflictsIn(db, rows)),
  ...(await foldersInTheWay(dataDir, rows)),
];

/**
 * Imports a nanoclaw folder into the central database: rows and configurations in one transaction, and copies of the
 * groups' folders, conversations, skills and shared memory. The source is only read. If any part of it exists here
 * already, nothing is imported.
 */
export const importNanoclaw = async (
  { db }: Central,
  deps: ImportDeps,
  folder: string,
): Promise<Result<ImportReport, ImportFailure>> => {
  const source = await readNanoclaw(folder, deps.now());
  if (!source.ok) return source;
  await settleStaging(db, deps.dataDir);
  const conflicts = await conflictsOf(db, deps.dataDir, source.value);
  if (conflicts.length > 0) return { ok: false, error: explainConflicts(conflicts) };
  return bringIn(db, deps, source.value, { workDir: deps.dataDir, isDry: false });
};

/** `workDir` is the data folder, or a temporary folder for a dry run. */
export type Run = { readonly workDir: string; readonly isDry: boolean };

/** Imports a source, all of it or nothing. */
export const bringIn = async (
  db: Central["db"],
  { dataDir, home, now }: ImportDeps,
  source: Source,
  { workDir, isDry }: Run,
): Promise<Result<ImportReport, ImportFailure>> => {
  const { folder, rows, converted } = source;
  const staged = await attempt(() =>
    copyAll({ folder, dataDir, isDry, now: now(), staging: "" }, workDir, source),
  );
  if (!staged.ok) {
    await settleStaging(db, workDir);
    return { ok: false, error: explainCopy(folder, staged.error) };
  }
  const [install, theirs] = await Promise.all([readInstallSettings(folder), readMountRule(home)]);
  const mountRule = await withRuleOfList(dataDir, theirs);
  const place = { dataDir, now, install, mountRule, groupsDir: staged.value.staging };
  const destinations = missingDestinations(rows, converted);
  const saved = await attempt(() => save(db, { ...source, ...staged.value }, destinations, place));
  await settleStaging(db, workDir);
  if (!saved.ok) return { ok: false, error: explainSaving(saved.error) };
  const { conversations } = source;
  const told = { conversations, resumed: staged.value.resumed };
  const left = [...staged.value.left, ...(await notTaken(folder, rows, converted, told))];
  const outcome = { ...saved.value, destinations, ...staged.value, left };
  return { ok: true, value: reportOf({ source: folder, dryRun: isDry }, converted, outcome) };
};

type Staged = {
  readonly staging: string;
  readonly folders: Folders;
  readonly brought: readonly Brought[];
  readonly left: readonly Left[];
  readonly resumed: ReadonlySet<string>;
  readonly continued: readonly Continued[];
};

const copyAll = async (from: AlongPlace, workDir: string, source: Source): Promise<Staged> => {
  const { converted, conversations } = source;
  const place = { ...from, staging: await makeStaging(workDir) };
  const folders = new Map<string, CopiedFolder>();
  for (const group of converted.rows.agent_groups) {
    const name = String(group["folder"]);
    folders.set(name, await copyFolder(join(place.folder, "groups", name), join(place.staging, name), place));
  }
  const resumed = await bringConversations(place, conversations, converted);
  const skills = await bringSkills(place, converted.rows.agent_groups);
  const global = await bringGlobal(place, converted.rows.agent_groups);
  const all = [resumed, skills, global];
  return {
    ...{ staging: place.staging, folders, resumed: resumed.paths, continued: resumed.continued },
    brought: all.flatMap(({ brought }) => brought),
    left: all.flatMap(({ left }) => left),
  };
};

const save = (
  db: Central["db"],
  { rows, converted, continued }: Source & Pick<Staged, "continued">,
  destinations: MissingDestinations,
  place: Parameters<typeof configureGroups>[3],
): Promise<Configured> =>
  db.transaction().execute(async (transaction) => {
    await insertAll(transaction, converted);
    await insertInto(transaction, "agent_destinations", destinations.made);
    await keepConversations(transaction, continued, place.now());
    return configureGroups(transaction, rows, converted, place);
  });

/** Stores the conversations for the sessions' first agents, as if an earlier agent had stored them. */
const keepConversations = async (
  db: Database,
  continued: readonly Continued[],
  updated_at: string,
): Promise<void> => {
  for (const { sessionId: session_id, conversation } of continued) {
    const value = JSON.stringify(conversation);
    const row = { session_id, key: "continuation:claude", value, updated_at };
    await db.insertInto("session_values").values(row).execute();
  }
};

/** Rows per statement. SQLite accepts 32,766 values, and the widest row has 10. */
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
