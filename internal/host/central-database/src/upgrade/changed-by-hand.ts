import { openInMemory } from "@gatehouse/sqlite";
import { visible } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { isServer } from "../database-time.ts";
import { migrate } from "../migrate.ts";
import type { Migrations } from "../migrations/index.ts";
import type { CentralTables } from "../tables.ts";

/** Problems of one kind that are named. */
const mostNamed = 5;

/**
 * What keeps a database of an older schema from being migrated: tables or columns other than those of the migrations that ran,
 * and in a file damage, and rows that break a rule of their table. Sentences; empty if there is nothing. Reads only.
 */
export const changedByHand = async (
  db: Kysely<CentralTables>,
  ran: Migrations,
): Promise<readonly string[]> => {
  const damage = isServer(db) ? [] : await damageOf(db);
  if (damage.length > 0) return damage;
  const [expected, found] = [await expectedColumns(ran), await columnsOf(db)];
  const missing = [...expected].filter((name) => !found.has(name)).map((name) => `${name} is missing.`);
  const foreign = [...found].filter((name) => !expected.has(name));
  const differ = [...missing, ...foreign.map((name) => `${visible(name)} is not one of Gatehouse's.`)];
  if (differ.length > 0) return differ.slice(0, mostNamed);
  return isServer(db) ? [] : orphansIn(db);
};

const damageOf = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const { rows } = await sql<{
    integrity_check: string;
  }>`pragma integrity_check(${sql.lit(mostNamed)})`.execute(db);
  return rows
    .map(({ integrity_check: text }) => text)
    .filter((text) => text !== "ok")
    .map((text) => `${visible(text)}.`);
};

/** A server checks references itself. SQLite does it only in connections that ask for it. */
const orphansIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const { rows } = await sql<{ table: string; parent: string; rowid: number | null }>`
    select "table", "parent", "rowid" from pragma_foreign_key_check limit ${mostNamed}`.execute(db);
  return rows.map(
    ({ table, parent, rowid }) =>
      `A row of ${visible(table)} (rowid ${rowid ?? "unknown"}) names a row of ${visible(parent)} that is not there.`,
  );
};

/** The names of all tables; those of their columns follow. */
const columnsOf = async (db: Kysely<CentralTables>): Promise<ReadonlySet<string>> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const names = tables.flatMap(({ name, columns }) => [
    `The table ${name}`,
    ...columns.map((column) => `The column ${name}.${column.name}`),
  ]);
  return new Set(names);
};

/** Those of a new database in which the same migrations ran. */
const expectedColumns = async (ran: Migrations): Promise<ReadonlySet<string>> => {
  const db = await openInMemory<CentralTables>();
  try {
    await migrate(db, ran);
    return await columnsOf(db);
  } finally {
    await db.destroy();
  }
};
