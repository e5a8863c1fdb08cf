import { createHash } from "node:crypto";
import { openInMemory } from "@gatehouse/sqlite";
import { visible } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { migrate } from "../migrate.ts";
import { namesAfter, type Migrations } from "../migrations/index.ts";
import type { CentralTables } from "../tables.ts";

/** Problems of one kind that are named. */
const mostNamed = 5;

/**
 * What keeps a file from being migrated: damage, tables or columns other than those of the migrations that ran, and rows that
 * break a rule of their table. Sentences; empty if there is nothing. Reads only, and the whole file. A server has no damage
 * that we could find, and checks rows itself: for it, `changedTables` is all.
 */
export const changedByHand = async (
  db: Kysely<CentralTables>,
  ran: Migrations,
): Promise<readonly string[]> => {
  const damage = await damageOf(db);
  if (damage.length > 0) return damage;
  const differ = await changedTables(db, ran);
  return differ.length > 0 ? differ : orphansIn(db);
};

/**
 * Tables and columns that differ from those of the migrations that ran; those that are `missing` alone, or all. Sentences; empty if
 * there are none. Indexes, views and triggers are not compared. It takes a few ms for a database without differences at the present
 * schema.
 */
export const changedTables = async (
  db: Kysely<CentralTables>,
  ran: Migrations,
  which: "missing" | "all" = "all",
): Promise<readonly string[]> => {
  const found = await columnsOf(db);
  const last = Object.keys(ran).toSorted().at(-1) ?? "";
  if (namesAfter[last] === hashOf(found)) return [];
  const expected = await expectedColumns(ran);
  const missing = onlyIn(expected, found).map((name) => `${name} is missing.`);
  if (which === "missing") return missing.slice(0, mostNamed);
  const foreign = onlyIn(found, expected).map((name) => `${visible(name)} is not one of Gatehouse's.`);
  return [...missing, ...foreign].slice(0, mostNamed);
};

/** The names that others lack; without the columns of a table that they lack as a whole. */
const onlyIn = (names: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] => {
  const only = [...names].filter((name) => !others.has(name));
  const wholes = only.map((name) => `${name.replace(/^The table /, "The column ")}.`);
  return only.filter((name) => !wholes.some((whole) => name.startsWith(whole)));
};

/** The hash of the names in `namesAfter`. */
export const hashOf = (names: ReadonlySet<string>): string =>
  createHash("sha256")
    .update([...names].toSorted().join("\n"))
    .digest("hex")
    .slice(0, 16);

const damageOf = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const { rows } = await sql<{
    integrity_check: string;
  }>`pragma integrity_check(${sql.lit(mostNamed)})`.execute(db);
  return rows
    .map(({ integrity_check: text }) => text)
    .filter((text) => text !== "ok")
    .map((text) => `${visible(text)}.`);
};

/** SQLite checks references only in connections that ask for it. */
const orphansIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const { rows } = await sql<{ table: string; parent: string; rowid: number | null }>`
    select "table", "parent", "rowid" from pragma_foreign_key_check limit ${mostNamed}`.execute(db);
  return rows.map(
    ({ table, parent, rowid }) =>
      `A row of ${visible(table)} (rowid ${rowid ?? "unknown"}) names a row of ${visible(parent)} that is not there.`,
  );
};

/** The names of all tables; those of their columns follow. A view of the operator holds nothing. */
export const columnsOf = async (db: Kysely<CentralTables>): Promise<ReadonlySet<string>> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const names = tables.flatMap(({ name, columns, isView }) =>
    isView ? [] : [`The table ${name}`, ...columns.map((column) => `The column ${name}.${column.name}`)],
  );
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
