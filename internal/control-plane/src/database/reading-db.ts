import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { Sqlite } from "@nc/container-config/node";
import type { CentralTables } from "./tables.ts";

/** How many statements stay prepared. */
const kept = 256;

export type ReadingDb = {
  readonly db: Kysely<CentralTables>;
  /** The first row of a query that is compiled already: half of what it costs as a list, and without Kysely's way to the driver. */
  readonly first: (sql: string, values: readonly unknown[]) => unknown;
};

/**
 * The database as it is committed, through a connection that cannot write: for commands that only look. They wait for no
 * transaction, and what would change something fails, whatever a handler does.
 */
export const readingDb = (sqlite: Sqlite<CentralTables>): ReadingDb => {
  const statements = new Map<string, ReadingStatement>();
  const prepare = (sql: string): ReadingStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= kept) statements.clear();
    const statement = readingStatement(sqlite, sql);
    statements.set(sql, statement);
    return statement;
  };
  // The connection is the database's own, and closed with it.
  const dialect = new SqliteDialect({ database: { prepare, close: () => undefined } });
  return { db: new Kysely({ dialect }), first: (sql, values) => prepare(sql).first(values) };
};

type ReadingStatement = SqliteStatement & {
  readonly first: (values: readonly unknown[]) => unknown;
};

const readingStatement = (sqlite: Sqlite<CentralTables>, sql: string): ReadingStatement => {
  const statement = sqlite.prepare<unknown>(sql);
  const all = (values: readonly unknown[]): unknown[] => [...statement.all(...values)];
  return {
    reader: true,
    first: (values) => statement.get(...values),
    all,
    run: () => {
      throw new TypeError("A statement of this connection only reads");
    },
    iterate: (values) => all(values)[Symbol.iterator](),
  };
};
