import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import { fail, ok, type Result } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { backupsFolder, copyInto, dropUnfinished } from "../backup.ts";
import { attemptToMigrate, migrate, migrationTables, ranMigrations, readSchema } from "../migrate.ts";
import { migrations, type Migrations } from "../migrations/index.ts";
import { centralFile, detailOf, isThere, openFile, type OpenError } from "../open-central.ts";
import type { CentralTables } from "../tables.ts";
import { changedByHand } from "./changed-by-hand.ts";

/** A table whose number of rows the migrations change; null: there is no such table. */
export type ChangedTable = {
  readonly table: string;
  readonly before: number | null;
  readonly after: number | null;
};

/** What this program's migrations do to a database. */
export type UpgradeTrial = {
  /** The migrations that would run, in order: `015-tasks`. Empty: the schema is this program's. */
  readonly migrations: readonly string[];
  /** Size of the copy on which they were tried, bytes; how long the copy and they took, ms. Zeros without migrations. */
  readonly bytes: number;
  readonly copyMs: number;
  readonly migrateMs: number;
  readonly tables: readonly ChangedTable[];
  /** What `inspect` says of the rows with the schema of this program: sentences. */
  readonly notes: readonly string[];
};

/** Looks at the rows of a database that has the schema of this program. Reads only. */
export type Inspect = (db: Kysely<CentralTables>) => Promise<readonly string[]>;

/** That of a database which has the schema of this program. */
export const nothing: Omit<UpgradeTrial, "notes"> = {
  migrations: [],
  bytes: 0,
  copyMs: 0,
  migrateMs: 0,
  tables: [],
};

export const noNotes: Inspect = async () => [];

/**
 * Runs the migrations of this program on a copy of `gatehouse.db`, also while a host of an older program writes to it, and
 * removes the copy. Null without a database, and for an empty file. The database itself is only read.
 */
export const tryUpgrade = async (
  dataDir: string,
  known: Migrations = migrations,
  inspect: Inspect = noNotes,
): Promise<Result<UpgradeTrial | null, OpenError>> => {
  const file = centralFile(dataDir);
  if (!isThere(file)) return ok(null);
  const source = await openFile(file, { readOnly: true });
  if (!source.ok) return source;
  const copy = join(backupsFolder(dataDir), `check.db.${randomUUID()}.unfinished`);
  try {
    const tried = await attempt(() => tryOn(source.value.db, { file, copy, known, inspect }));
    return tried.ok ? tried.value : fail({ code: "database-unusable", file, detail: tried.error });
  } finally {
    await attempt(source.value.close);
    for (const end of ["", "-wal", "-shm"]) await attempt(() => rm(`${copy}${end}`, { force: true }));
  }
};

type Copied = {
  readonly file: string;
  readonly copy: string;
  readonly known: Migrations;
  readonly inspect: Inspect;
};

const tryOn = async (
  source: Kysely<CentralTables>,
  { file, copy, known, inspect }: Copied,
): Promise<Result<UpgradeTrial | null, OpenError>> => {
  const schema = await readSchema(source, known);
  if (!schema.ok) return fail({ ...schema.error, file });
  if (schema.value.version === 0) return ok(null);
  if (schema.value.isCurrent) {
    const problems = await changedByHand(source, known);
    return problems.length > 0
      ? fail({ code: "changed-by-hand", file, problems })
      : ok({ ...nothing, notes: await inspect(source) });
  }
  const begun = performance.now();
  const folder = join(copy, "..");
  const copied = await attempt(async () => {
    await makeFolder(folder, 0o700);
    await dropUnfinished(folder, Date.now());
    await copyInto(source, copy);
    return stat(copy);
  });
  if (!copied.ok) return fail({ code: "backup-failed", file, folder, detail: copied.error });
  const copyMs = performance.now() - begun;
  const opened = await openFile(copy, { isDurable: true });
  if (!opened.ok) return fail({ code: "backup-failed", file, folder, detail: detailOf(opened.error) });
  const { db, close } = opened.value;
  try {
    const tried = await attemptToMigrate(async (): Promise<Result<UpgradeTrial, OpenError>> => {
      const ran = await ranMigrations(db, known);
      const problems = await changedByHand(db, ran);
      if (problems.length > 0) return fail({ code: "changed-by-hand", file, problems });
      const counted = await migrateCounted(db, known, ran);
      return ok({ ...counted, bytes: copied.value.size, copyMs, notes: await inspect(db) });
    });
    return tried.ok ? tried.value : fail({ ...tried.error, file });
  } finally {
    await attempt(close);
  }
};

/** Migrates a copy in which the migrations `ran` have run. Times are ms. */
export const migrateCounted = async (
  db: Kysely<CentralTables>,
  known: Migrations,
  ran: Migrations,
  options: { readonly isInTransaction?: boolean } = {},
): Promise<Pick<UpgradeTrial, "migrations" | "migrateMs" | "tables">> => {
  const before = await countsOf(db);
  const start = performance.now();
  await migrate(db, known, options);
  const migrateMs = performance.now() - start;
  const after = await countsOf(db);
  const tables = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return {
    migrations: Object.keys(known).filter((name) => !(name in ran)),
    migrateMs,
    tables: tables
      .map((table) => ({ table, before: before.get(table) ?? null, after: after.get(table) ?? null }))
      .filter((table) => table.before !== table.after),
  };
};

/** The number of rows of each table. */
export const countsOf = async (db: Kysely<CentralTables>): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for (const { name } of await db.introspection.getTables()) {
    if (migrationTables.includes(name)) continue;
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db);
    counts.set(name, Number(rows[0]?.rows));
  }
  return counts;
};
