import { homedir } from "node:os";
import { join } from "node:path";
import type { Transaction } from "kysely";
import {
  explainBackfill,
  parseLegacyRow,
  scopeFor,
  type BackfillReport,
  type ConfigProblem,
  type LegacyConfig,
  type Scope,
} from "@nc/container-config";
import { containerConfigStore, legacyMounts } from "@nc/container-config/node";
import { attempt } from "../database/attempt.ts";
import { groupStandings, type StandingGroup } from "../database/group-standings.ts";
import type { Central } from "../database/open-central.ts";
import type { CentralTables } from "../database/tables.ts";
import type { Result } from "../result.ts";
import { backfillGroups, type BackfillPlace } from "../start-up-backfill.ts";
import { conflictsIn, foldersInTheWay } from "./conflicts.ts";
import { convertRows, type ConvertedRows, type LegacyRows } from "./convert-rows.ts";
import { copyFolder, type CopiedFolder } from "./copy-folder.ts";
import { explainConflicts, explainCopy, explainSaving, explainSource } from "./explain-import.ts";
import type { ImportedGroup, ImportFailure, ImportReport } from "./import-report.ts";
import type { LegacyRow } from "./field-reader.ts";
import { legacyTables } from "./legacy-tables.ts";
import { notTaken } from "./not-taken.ts";
import { readSource } from "./read-source.ts";
import { makeStaging, settleStaging } from "./staged-folders.ts";

type Database = Transaction<CentralTables>;

/**
 * Brings a nanoclaw folder into the central database: rows and configurations in one transaction, the folders of groups as
 * copies. The source is only read. Nothing is brought in where anything of it is there already.
 */
export const importNanoclaw = async (
  { db }: Central,
  { dataDir, now }: { readonly dataDir: string; readonly now: () => string },
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
  const saved = await attempt(() =>
    db.transaction().execute(async (transaction) => {
      await insertAll(transaction, converted);
      return configure(transaction, source.value, { dataDir, groupsDir: staging, now });
    }),
  );
  await settleStaging(db, dataDir);
  if (!saved.ok) return { ok: false, error: explainSaving(saved.error) };
  const left = await notTaken(folder, source.value, converted);
  return { ok: true, value: reportOf(folder, converted, { ...saved.value, folders, left }) };
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

/** Rows of one statement: SQLite takes 32,766 values, and the widest row has 10. */
const atOnce = 1000;

const insertAll = async (db: Database, { rows }: ConvertedRows): Promise<void> => {
  for (const { table } of legacyTables)
    for (let from = 0; from < rows[table].length; from += atOnce) {
      const values = rows[table].slice(from, from + atOnce);
      await (db as unknown as Transaction<Record<string, object>>).insertInto(table).values(values).execute();
    }
};

type Configured = {
  readonly backfill: BackfillReport;
  readonly scopes: ReadonlyMap<string, Scope>;
  /** Groups whose configuration came from nanoclaw's database. */
  readonly fromDatabase: ReadonlySet<string>;
  readonly sentences: readonly string[];
};

/** First what nanoclaw's own table of configurations says (from 2.0.48 on), then for the others their container.json. */
const configure = async (db: Database, source: LegacyRows, place: BackfillPlace): Promise<Configured> => {
  const fromDatabase = new Set<string>();
  const sentences: string[] = [];
  for (const group of await groupStandings(db)) {
    const row = source["container_configs"]?.find(({ agent_group_id }) => agent_group_id === group.id);
    if (row === undefined) continue;
    const read = await readLegacyRow(row, place);
    if (!read.ok) {
      const problems = read.error.map(({ path, problem }) => `${path} ${problem}`).join("; ");
      sentences.push(
        `${group.folder} (${group.id}): its row in container_configs was not taken: ${problems}.`,
      );
      continue;
    }
    const had = read.value.settings.cli_scope ?? "group";
    const cli_scope = importedScope(group, had);
    const store = containerConfigStore<CentralTables>(db, place);
    const made = await store.create(group.id, { ...read.value.settings, cli_scope }, "backfill");
    if (!made.ok) throw new Error(`A checked configuration was refused: ${made.error.code}`);
    fromDatabase.add(group.id);
    if (cli_scope !== had) sentences.push(scopeSentence(group, had, cli_scope));
  }
  const backfill = await backfillGroups(db, place);
  const configs = await containerConfigStore<CentralTables>(db, place).getAll();
  const scopes = new Map(configs.map(({ agent_group_id, cli_scope }) => [agent_group_id, cli_scope]));
  return { backfill, scopes, fromDatabase, sentences: [...sentences, ...explainBackfill(backfill)] };
};

/** Its mounts are looked at as those of this host. */
const readLegacyRow = async (
  row: LegacyRow,
  { dataDir }: BackfillPlace,
): Promise<Result<LegacyConfig, readonly ConfigProblem[]>> => {
  const home = homedir();
  const read = parseLegacyRow(row, home);
  if (!read.ok) return { ok: false, error: read.error.problems };
  const mounts = await legacyMounts(read.value.settings.additional_mounts ?? [], { dataDir, home });
  if (!mounts.ok) return mounts;
  const { settings } = read.value;
  const checked = settings.additional_mounts === undefined ? {} : { additional_mounts: mounts.value };
  return { ok: true, value: { ...read.value, settings: { ...settings, ...checked } } };
};

/** An owner's group may use all of the CLI; of another's, what was closed stays closed. */
const importedScope = ({ standing }: StandingGroup, had: Scope): Scope => {
  if (standing === "owner") return "global";
  return had === "disabled" ? "disabled" : scopeFor(standing);
};

const scopeSentence = ({ folder, id }: StandingGroup, had: Scope, has: Scope): string =>
  has === "global"
    ? `${folder} (${id}) had the CLI scope ${had} and has global: only an owner writes to it.`
    : `${folder} (${id}) had the CLI scope ${had} and has ${has}: it is not certain that only an owner writes to it. If so: ncl groups config update ${id} --cli-scope ${had}`;

type Outcome = Configured & { readonly folders: Folders; readonly left: ImportReport["notTaken"] };

const reportOf = (folder: string, converted: ConvertedRows, outcome: Outcome): ImportReport => ({
  source: folder,
  taken: Object.fromEntries(
    legacyTables.map(({ table }) => [table, converted.rows[table].length]),
  ) as ImportReport["taken"],
  groups: converted.rows.agent_groups.map((row) => importedGroup(row, outcome)),
  configurations: outcome.sentences,
  leftOut: converted.leftOut,
  changed: converted.changed,
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
