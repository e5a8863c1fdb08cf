import type { SqliteDatabase, SqliteStatement } from "kysely";
import type Libsql from "libsql";

/** How many statements stay prepared: preparing costs as much as a look-up by key. */
const kept = 256;

/**
 * libsql in the shape Kysely's SQLite dialect asks for. Statements are prepared once for each SQL text, and every value is
 * looked at before the driver gets it.
 */
export const sqlitePort = (database: Libsql.Database): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare: (sql) => {
      const statement = statements.get(sql) ?? checked(database, sql);
      // Taken out and put in again, it is the youngest: the map's first is the one to go.
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
  return {
    reader: statement.reader,
    all: (values) => statement.all(bindable(values)),
    run: (values) => statement.run(bindable(values)),
    // A statement that is stepped through row by row can be asked nothing else meanwhile: it is one of its own.
    iterate: (values) => database.prepare(sql).iterate(bindable(values)),
  };
};

/**
 * The same values, after a look at each. libsql 0.5.29 ends the whole process on a boolean ("not yet implemented: bool"),
 * rounds integers beyond 2^53, and reads a text only up to its first NUL.
 */
export const bindable = (values: readonly unknown[]): unknown[] => {
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

/** Never the value: it may be a secret. */
const kindOf = (value: unknown): string => {
  if (typeof value === "string") return "a text with a NUL character";
  return typeof value === "number" || typeof value === "bigint" ? `the number ${value}` : typeof value;
};
