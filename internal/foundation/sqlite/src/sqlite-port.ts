import type { SqliteDatabase, SqliteStatement } from "kysely";
import type Libsql from "libsql";

/** Maximum number of prepared statements: preparing one costs as much as a look-up by key. */
const kept = 256;

/**
 * libsql with the interface that Kysely's SQLite dialect expects. A statement is prepared once for each SQL
 * text, and every value is checked before it is passed to the driver.
 */
export const sqlitePort = (database: Libsql.Database): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare: (sql) => {
      const statement = statements.get(sql) ?? checked(database, sql);
      // Deleted and added again, it becomes the newest entry. The map's first entry is dropped.
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > kept) statements.delete(statements.keys().next().value ?? sql);
      return statement;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
};

const checked = (database: Libsql.Database, sql: string): SqliteStatement => {
  const statement = database.prepare(sql);
  const { reader } = statement;
  const isLimited = reader && endsWithLimit.test(sql);
  // libsql 0.5.29 answers a `get` after an `all` of the same statement with the rows of that `all`.
  let first: Libsql.Statement | undefined;
  return {
    reader,
    all: (values) =>
      isLimited && values.at(-1) === 1
        ? firstOf((first ??= database.prepare(sql)), values)
        : statement.all(bindable(values)),
    run: (values) => statement.run(bindable(values)),
    // A statement that is read row by row cannot run another query meanwhile, so it is prepared separately.
    iterate: (values) => database.prepare(sql).iterate(bindable(values)),
  };
};

/** Matches the limit of the whole query. The limit of a subquery is followed by a bracket. */
const endsWithLimit = /\blimit \?\s*$/i;

/** `limit 1` returns at most one row, and libsql's `get` takes half as long as its `all`. */
const firstOf = (statement: Libsql.Statement, values: readonly unknown[]): unknown[] => {
  const row: unknown = statement.get(bindable(values));
  if (typeof row !== "object" || row === null) return [];
  // libsql 0.5.29 adds the duration to the row that `get` returns.
  Reflect.deleteProperty(row, "_metadata");
  return [row];
};

/**
 * Throws for a value that SQLite cannot store unchanged. libsql 0.5.29 ends the whole process on a boolean
 * ("not yet implemented: bool"), rounds integers beyond 2^53, and truncates a text at its first NUL.
 */
const bindable = (values: readonly unknown[]): unknown[] => {
  for (const value of values)
    if (!isBindable(value)) throw new TypeError(`Not a value for SQLite: ${kindOf(value)}`);
  return values as unknown[];
};

const isBindable = (value: unknown): boolean => {
  if (typeof value === "string") return !value.includes("\0");
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "bigint") return value === BigInt(Number(value)) && value === BigInt.asIntN(64, value);
  return value === null || value instanceof Uint8Array;
};

/** A description without the value, which may be a secret. */
const kindOf = (value: unknown): string => {
  if (typeof value === "string") return "a text with a NUL character";
  return typeof value === "number" || typeof value === "bigint" ? `the number ${value}` : typeof value;
};
