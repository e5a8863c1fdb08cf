import { randomUUID } from "node:crypto";
import { openReading, type PostgresAddress } from "@gatehouse/postgres";
import { attempt } from "@gatehouse/sqlite";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { migrate, migrationTables, ranMigrations, readSchema, type Schema } from "../migrate.ts";
import { migrations, type Migrations } from "../migrations/index.ts";
import { serverTrouble, type Problem, type ServerError } from "../open-server.ts";
import { inOrderOfReferences } from "../order-of-references.ts";
import type { CentralTables } from "../tables.ts";
import { changedTables } from "./changed-by-hand.ts";
import { migrateCounted, noNotes, nothing, type Inspect, type UpgradeTrial } from "./try-upgrade.ts";

/** Time limit of a statement, which may copy a whole table, ms. */
const answerMs = 600_000;

/**
 * Runs the migrations of this program on a copy of a server's database, also while hosts of an older program work on it: in a
 * schema of its own, of one transaction that is rolled back. So an error or a kill leaves nothing of it, and the rows are those
 * of one moment. No row of the database is locked. Null if the database is empty.
 */
export const tryUpgradeOnServer = async (
  address: PostgresAddress,
  known: Migrations = migrations,
  inspect: Inspect = noNotes,
): Promise<Result<UpgradeTrial | null, ServerError>> => {
  const database = address.shown;
  try {
    const found = await readPresent(address, known, inspect);
    if (!found.ok) return fail({ ...found.error, database });
    const { version, isCurrent, notes } = found.value;
    if (version === 0) return ok(null);
    if (isCurrent) return ok({ ...nothing, notes });
    // Hosts hold the lock of the writing session. These sessions need none; the transaction below may write all the same.
    const sessions = await openReading<CentralTables>(address, { answerMs, needsWriter: true });
    try {
      const tried = await sessions
        .connection()
        .execute((db) => rolledBack(db, () => tryOn(db, known, inspect)));
      return tried.ok ? tried : fail({ ...tried.error, database });
    } finally {
      await sessions.destroy();
    }
  } catch (error) {
    return fail({ database, ...serverTrouble(error) });
  }
};

/** The schema. The present one is compared at once, an older one in the transaction of the trial. */
const readPresent = async (
  address: PostgresAddress,
  known: Migrations,
  inspect: Inspect,
): Promise<Result<Schema & Pick<UpgradeTrial, "notes">, Problem>> => {
  const reading = await openReading<CentralTables>(address, { needsWriter: true });
  try {
    const schema = await readSchema(reading, known);
    if (!schema.ok) return schema;
    if (!schema.value.isCurrent) return ok({ ...schema.value, notes: [] });
    const problems = await changedTables(reading, known);
    if (problems.length > 0) return fail({ code: "changed-by-hand", problems });
    return ok({ ...schema.value, notes: await inspect(reading) });
  } finally {
    await reading.destroy();
  }
};

const rolledBack = async <T>(db: Kysely<CentralTables>, work: () => Promise<T>): Promise<T> => {
  await sql`begin isolation level repeatable read read write`.execute(db);
  try {
    return await work();
  } finally {
    // A session that was cut off has rolled back already.
    await attempt(() => sql`rollback`.execute(db));
  }
};

const tryOn = async (
  db: Kysely<CentralTables>,
  known: Migrations,
  inspect: Inspect,
): Promise<Result<UpgradeTrial, Problem>> => {
  const ran = await ranMigrations(db, known);
  const problems = await changedTables(db, ran);
  if (problems.length > 0) return fail({ code: "changed-by-hand", problems });
  const { live, isAllowed } = await placeOf(db);
  if (!isAllowed) return fail(schemaRefused);
  const begun = performance.now();
  const schema = `gatehouse_check_${randomUUID().replaceAll("-", "")}`;
  await sql`create schema ${sql.id(schema)}`.execute(db);
  await sql`set local search_path = ${sql.id(schema)}`.execute(db);
  await migrate(db, ran, { isInTransaction: true });
  const refused = await copyRows(db, live);
  if (refused !== null) return fail({ code: "changed-by-hand", problems: [refused] });
  const copyMs = performance.now() - begun;
  const bytes = await sizeOfSchema(db);
  const counted = await migrateCounted(db, known, ran, { isInTransaction: true });
  return ok({ ...counted, bytes, copyMs, notes: await inspect(db) });
};

const schemaRefused: Problem = {
  code: "database-refused",
  detail: "the check needs a schema of its own: grant create on database NAME to ROLE",
  why: "POSTGRES_REFUSED",
};

const placeOf = async (
  db: Kysely<CentralTables>,
): Promise<{ readonly live: string; readonly isAllowed: boolean }> => {
  const { rows } = await sql<{ live: string; isAllowed: boolean }>`
    select current_schema() as live, has_database_privilege(current_database(), 'create') as "isAllowed"`.execute(
    db,
  );
  const [place] = rows;
  if (place === undefined) throw new TypeError("A select without a table has one row");
  return place;
};

/** Copies all rows of the schema `live` into the tables of the present one. Returns the first problem, else null. */
const copyRows = async (db: Kysely<CentralTables>, live: string): Promise<string | null> => {
  const tables = await db.introspection.getTables();
  const names = tables.map(({ name }) => name).filter((name) => !migrationTables.includes(name));
  for (const name of await inOrderOfReferences(db, names)) {
    // A table of an older PostgreSQL, or one that was restored, may have its columns in another order.
    const found = tables.find((table) => table.name === name)?.columns ?? [];
    const columns = sql.join(found.map((column) => sql.id(column.name)));
    const copy = sql`insert into ${sql.id(name)} (${columns}) select ${columns} from ${sql.id(live, name)}`;
    try {
      await copy.execute(db);
    } catch (error) {
      // Classes 22 and 23: the row breaks a constraint that the live table has no more.
      if (!(error instanceof Error && "code" in error && /^2[23]/.test(String(error.code)))) throw error;
      return `A row of ${name} is refused: ${visible(error.message)}.`;
    }
  }
  return null;
};

const sizeOfSchema = async (db: Kysely<CentralTables>): Promise<number> => {
  const { rows } = await sql<{ bytes: string | null }>`
    select sum(pg_total_relation_size(oid)) as bytes from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r'`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
};
