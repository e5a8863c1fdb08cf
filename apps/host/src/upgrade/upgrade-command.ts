import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import {
  centralFile,
  explainOpen,
  isThere,
  planUndo,
  tryUpgrade,
  tryUpgradeOnServer,
  undoUpgrade,
  type Central,
  type ChangedTable,
  type UndoPlan,
  type UpgradeTrial,
} from "@gatehouse/central-database";
import {
  accountOf,
  actForOwner,
  claimDataFolder,
  explainStart,
  noteActOfOwner,
  withOwnersRights,
} from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder, sizeText } from "@gatehouse/fs-kit";
import { keptLacks } from "@gatehouse/places";
import type { PostgresAddress } from "@gatehouse/postgres";
import { fail, ok, shellWord, type Result } from "@gatehouse/std";
import { refusedConfigs } from "@gatehouse/workloads";

/** The flags of `gatehouse upgrade`, parsed. */
export type UpgradeFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly undo?: boolean;
  readonly yes?: boolean;
};

/** Tries the migrations of this program, or takes the last ones back. Returns the exit code. */
export const upgradeCommand = async (flags: UpgradeFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const dataDir = dataFolder(io.env, flags.data);
  const named = flags.data === undefined ? "" : ` --data ${shellWord(flags.data)}`;
  const told = await toldOf({ ...flags, dataDir, named, server: chosen.database }, io);
  if (!told.ok) {
    printFailure(io, isJson, told.error);
    return told.error.code === "usage" ? 2 : 1;
  }
  const { document, text } = told.value;
  if (isJson) printJson(io, { ok: true, data: dataDir, ...document });
  else io.stdout.write(text);
  return 0;
};

type Asked = UpgradeFlags & {
  readonly dataDir: string;
  /** The flag that names the folder again, in a command that is shown. */
  readonly named: string;
  readonly server: PostgresAddress | null;
};

const toldOf = async (asked: Asked, io: Io): Promise<Told> => {
  const { check: isCheck = false, undo: isUndo = false, server } = asked;
  if (isCheck === isUndo) return fail(isCheck ? both : neither);
  if (server === null) return isCheck ? checked(asked) : undone(asked, io);
  return isCheck ? checkedOnServer(server, asked) : fail(onServer(server));
};

const both: Failure = {
  code: "usage",
  message: "--check and --undo do not go together.",
  fix: "give --check before an upgrade, or --undo to go back; --undo without --yes only says what would be lost",
};

const neither: Failure = {
  code: "usage",
  message: "gatehouse upgrade needs --check or --undo.",
  fix: "to upgrade, install the new program, then: gatehouse upgrade --check, gatehouse down, gatehouse up",
};

const onServer = ({ shown }: PostgresAddress): Failure => ({
  code: "on-postgresql",
  message: `The database is ${shown}, of which Gatehouse makes no copies.`,
  fix: `gatehouse down; then put back the dump from before the new version: ${restoreLine(shown)}`,
});

const restoreLine = (shown: string): string =>
  `pg_restore --clean --if-exists --dbname=${shellWord(shown)} gatehouse.dump`;

type Told = Result<{ readonly document: object; readonly text: string }, Failure>;

const noDatabase = (dataDir: string): Failure => ({
  code: "no-database",
  message: `There is no database ${centralFile(dataDir)}.`,
  fix: "name its data folder with --data",
});

const checked = async ({ dataDir, named }: Asked): Promise<Told> => {
  const tried = await withOwnersRights(dataDir, () => tryUpgrade(dataDir, undefined, refusedIn(dataDir)));
  if (!tried.ok) return fail(explainOpen(tried.error));
  if (tried.value === null) return fail(noDatabase(dataDir));
  const next = [
    `Next: gatehouse down${named}, then gatehouse up${named}, which keeps a copy in backups/. The way back: gatehouse upgrade --undo${named}`,
  ];
  return ok({ document: tried.value, text: trialText(tried.value, next) });
};

/** Looks for groups whose agents the new program would not start. */
const refusedIn = (dataDir: string) => async (db: Central["loop"]) => {
  const refused = await refusedConfigs(db, dataDir, await keptLacks(dataDir));
  return refused.map(({ message, fix }) => `After the upgrade ${message}. Fix: ${fix}`);
};

const checkedOnServer = async (server: PostgresAddress, { dataDir, named }: Asked): Promise<Told> => {
  const tried = await tryUpgradeOnServer(server, undefined, refusedIn(dataDir));
  if (!tried.ok) return fail(explainOpen(tried.error));
  const { shown } = server;
  if (tried.value === null)
    return fail({
      code: "no-database",
      message: `The database ${shown} is empty.`,
      fix: "name that of a host in --database or GATEHOUSE_DATABASE",
    });
  const next = [
    `Next: gatehouse down${named}; make the dump that the way back needs, since Gatehouse makes no copies of a server: (umask 077; pg_dump --format=custom --file=gatehouse.dump ${shellWord(shown)}); gatehouse up${named}`,
    `The way back: gatehouse down${named}; ${restoreLine(shown)}`,
  ];
  return ok({ document: tried.value, text: trialText(tried.value, next) });
};

const trialText = (
  { migrations, bytes, copyMs, migrateMs, tables, notes }: UpgradeTrial,
  next: readonly string[],
): string => {
  if (migrations.length === 0)
    return [
      "The database has the schema of this program: an upgrade changes nothing in it.",
      ...notes,
      "",
    ].join("\n");
  return [
    `This program brings the schema up to date: ${migrations.join(", ")}.`,
    `Tried on a copy of ${sizeText(bytes)}: copied in ${seconds(copyMs)}, migrated in ${seconds(migrateMs)}. The copy is removed, and the database is as it was.`,
    ...tables.map((table) => `  ${changeText(table)}`),
    ...notes,
    ...next,
    "",
  ].join("\n");
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const changeText = ({ table, before, after }: ChangedTable): string => {
  if (before === null) return `${table}: new, ${rowsText(after ?? 0)}`;
  if (after === null) return `${table}: removed, with ${rowsText(before)}`;
  return `${table}: ${before} -> ${rowsText(after)}`;
};

const rowsText = (rows: number): string => `${rows} ${rows === 1 ? "row" : "rows"}`;

const undone = async ({ dataDir, named, yes = false }: Asked, io: Io): Promise<Told> => {
  if (!isThere(centralFile(dataDir))) return fail(noDatabase(dataDir));
  const account = accountOf(io.env);
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return fail(explainStart(claimed.error));
  const done = await undoAlone(dataDir, yes).finally(() => claimed.value.release());
  if (!done.ok) return done;
  const { plan, kept } = done.value;
  if (kept !== null)
    await noteActOfOwner(dataDir, { command: "upgrade undo", args: { to: plan.copy } }, io, account);
  return ok({ document: { ...plan, isDone: kept !== null, kept }, text: undoText(plan, kept, named) });
};

/** Plans the way back, and with `isSure` goes it, while no host can start in the data folder. */
const undoAlone = async (
  dataDir: string,
  isSure: boolean,
): Promise<Result<{ readonly plan: UndoPlan; readonly kept: string | null }, Failure>> => {
  const planned = await planUndo(dataDir);
  if (!planned.ok) return fail(explainOpen(planned.error));
  const plan = planned.value;
  if (plan === null) return fail(noCopy(dataDir));
  if (!isSure) return ok({ plan, kept: null });
  const put = await undoUpgrade(dataDir, plan, new Date().toISOString());
  return put.ok ? ok({ plan, kept: put.value }) : fail(explainOpen(put.error));
};

const noCopy = (dataDir: string): Failure => ({
  code: "no-copy",
  message: `There is no copy of an older schema in ${dataDir}/backups.`,
  fix: "a backup has the database of its time: gatehouse restore FILE",
});

const undoText = (
  { copy, version, copiedAt, present, tables }: UndoPlan,
  kept: string | null,
  named: string,
): string => {
  const lost = tables.map(({ table, now, then }) => `  ${table}: ${rowsText(now)} now, ${then} then`);
  const what = `the database of ${copiedAt}, schema ${version}, in place of schema ${present}`;
  return kept === null
    ? [
        `This puts ${what}. What was written since then is lost; the tables with other numbers of rows:`,
        ...(lost.length === 0 ? ["  none"] : lost),
        `To do it: gatehouse upgrade --undo --yes${named}`,
        "",
      ].join("\n")
    : [
        `Put ${what}: ${copy}.`,
        `The database from before is kept: ${kept}`,
        "Next: start the program that has this schema. A newer one migrates it again.",
        "",
      ].join("\n");
};
