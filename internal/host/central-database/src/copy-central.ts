import { attempt } from "@gatehouse/sqlite";
import { fail, ok, type Result } from "@gatehouse/std";
import { sql } from "kysely";
import { copyInto } from "./backup.ts";
import { migrations, type Migrations } from "./migrations/index.ts";
import { migrationTables, readSchema } from "./migrate.ts";
import { centralFile, isThere, openFile, type OpenError } from "./open-central.ts";

/** A central database that was read as a whole. */
export type CheckedCentral = {
  /** The name of the last migration that ran: `012-schema`. */
  readonly schema: string;
  /** False for an older schema, which the next start migrates. */
  readonly isCurrent: boolean;
};

/** The name of the last migration that this program knows. */
export const knownSchema: string = Object.keys(migrations).toSorted().at(-1) ?? "";

/**
 * Copies `gatehouse.db` of a data folder to a new file (0600), also while a host writes to it: the copy has all that was
 * committed before. Then reads the copy as a whole. Null without a database. `asOwner` runs the opening with the rights of
 * the folder's owner, because SQLite may make files beside the database.
 */
export const copyCentral = async (
  dataDir: string,
  copy: string,
  asOwner: <T>(open: () => Promise<T>) => Promise<T>,
): Promise<Result<CheckedCentral | null, OpenError>> => {
  const file = centralFile(dataDir);
  if (!isThere(file)) return ok(null);
  const opened = await asOwner(async () => {
    const source = await openFile(file, { readOnly: true });
    if (!source.ok) return source;
    // The first read opens the log, and makes its files if they are missing.
    const read = await attempt(() => sql`select count(*) from sqlite_schema`.execute(source.value.db));
    return read.ok ? source : unusable(file, read.error);
  });
  if (!opened.ok) return opened;
  const copied = await attempt(() => copyInto(opened.value.db, copy));
  await asOwner(() => attempt(opened.value.close));
  return copied.ok ? checkCentral(copy) : unusable(file, copied.error);
};

/** Reads a whole database, as SQLite's `integrity_check` does, and its schema. Changes nothing. */
export const checkCentral = async (
  file: string,
  known: Migrations = migrations,
): Promise<Result<CheckedCentral, OpenError>> => {
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return opened;
  const { db, close } = opened.value;
  try {
    const checked = await attempt(async (): Promise<Result<CheckedCentral, OpenError>> => {
      const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(10)`.execute(db);
      const problems = rows.map(({ integrity_check: problem }) => problem).filter((text) => text !== "ok");
      if (problems.length > 0) return unusable(file, problems.join("; "));
      const schema = await readSchema(db, known);
      if (!schema.ok) return fail({ ...schema.error, file });
      const { isCurrent } = schema.value;
      const [table = ""] = migrationTables;
      const names = await sql<{ name: string }>`select max(name) as name from ${sql.table(table)}`.execute(
        db,
      );
      return ok({ schema: names.rows[0]?.name ?? "", isCurrent });
    });
    return checked.ok ? checked.value : unusable(file, checked.error);
  } finally {
    await attempt(close);
  }
};

const unusable = (file: string, detail: string): Result<never, OpenError> =>
  fail({ code: "database-unusable", file, detail });
