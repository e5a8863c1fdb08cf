import { createHash } from "node:crypto";
import { openInMemory } from "@gatehouse/sqlite";
import { visible } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { isServer } from "../database-time.ts";
import { migrate } from "../migrate.ts";
import { namesAfter, type Migrations } from "../migrations/index.ts";
import type { CentralTables } from "../tables.ts";

/** Problems of one kind that are named. */
const mostNamed = 5;

/**
 * What keeps a file from being migrated: damage, tables, columns or indexes other than those of the migrations that ran, and rows that
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
 * Tables and columns that differ from those of the migrations that ran; those that are `missing` alone, or all. A missing index is
 * named with the statement that makes it; those of an operator, views and triggers are not compared. Sentences; empty if there
 * are none. It takes a few ms for a database without differences at the present schema.
 */
export const changedTables = async (
  db: Kysely<CentralTables>,
  ran: Migrations,
  which: "missing" | "all" = "all",
): Promise<readonly string[]> => {
  const found = await shapeOf(db);
  const last = Object.keys(ran).toSorted().at(-1) ?? "";
  if (namesAfter[last] === hashOf(found)) return [];
  const expected = await expectedShape(ran);
  const missing = onlyIn(expected, found).map(
    ([name, made]) => `${name} is missing${made === "" ? "." : `: ${made};`}`,
  );
  if (which === "missing") return missing.slice(0, mostNamed);
  const foreign = onlyIn(found, expected)
    .filter(([name]) => !name.startsWith("The index "))
    .map(([name]) => `${visible(name)} is not one of Gatehouse's.`);
  return [...missing, ...foreign].slice(0, mostNamed);
};

/** Names of tables, columns and indexes, such as `The column users.id`; for an index the statement that makes it, else "". */
type Shape = ReadonlyMap<string, string>;

/** The names that others lack; without the columns and indexes of a table that they lack as a whole. */
const onlyIn = (shape: Shape, others: Shape): readonly (readonly [name: string, made: string])[] => {
  const only = [...shape].filter(([name]) => !others.has(name));
  const tables = only.map(([name]) => name.replace(/^The table /, ""));
  return only.filter(([name]) => !tables.includes(/^The (?:column|index) ([^.]+)\./.exec(name)?.[1] ?? ""));
};

/** The hash of the names in `namesAfter`. */
export const hashOf = (shape: Shape): string =>
  createHash("sha256")
    .update([...shape.keys()].toSorted().join("\n"))
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

/** Tables, columns and indexes. A view of the operator holds nothing. */
export const shapeOf = async (db: Kysely<CentralTables>): Promise<Shape> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const names = tables.flatMap(({ name, columns, isView }) =>
    isView ? [] : [`The table ${name}`, ...columns.map((column) => `The column ${name}.${column.name}`)],
  );
  const { rows } = await (isServer(db) ? indexesOnServer : indexes).execute(db);
  return new Map([
    ...names.map((name) => [name, ""] as const),
    ...rows.map(
      ({ table, name, made }) => [`The index ${table}.${name}`, made.replaceAll(/\s+/g, " ")] as const,
    ),
  ]);
};

type Index = { readonly table: string; readonly name: string; readonly made: string };

/** An index of a constraint is a part of its table: SQLite has no statement for it. */
const indexes = sql<Index>`
  select tbl_name as "table", name, sql as made from sqlite_schema where type = 'index' and sql is not null`;

const indexesOnServer = sql<Index>`
  select tables.relname as "table", indexes.relname as name, pg_get_indexdef(indexes.oid) as made
  from pg_index join pg_class as indexes on indexes.oid = indexrelid join pg_class as tables on tables.oid = indrelid
  where tables.relnamespace = current_schema()::regnamespace and indisvalid
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))`;

/** That of a new database in which the same migrations ran. */
const expectedShape = async (ran: Migrations): Promise<Shape> => {
  const db = await openInMemory<CentralTables>();
  try {
    await migrate(db, ran);
    return await shapeOf(db);
  } finally {
    await db.destroy();
  }
};
