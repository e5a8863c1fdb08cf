import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { Sqlite } from "@nc/container-config/node";
import type { CentralTables } from "./tables.ts";

/** How many statements stay prepared. */
const kept = 256;

/**
 * The database as it is committed, through a connection that cannot write: for commands that only look. They wait for no
 * transaction, and what would change something fails, whatever a handler does.
 */
export const readingDb = (sqlite: Sqlite<CentralTables>): Kysely<CentralTables> => {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const statement = statements.get(sql) ?? readingStatement(sqlite, sql);
    if (statements.size >= kept) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
  // The connection is the database's own, and closed with it.
  return new Kysely({ dialect: new SqliteDialect({ database: { prepare, close: () => undefined } }) });
};

const readingStatement = (sqlite: Sqlite<CentralTables>, sql: string): SqliteStatement => {
  const statement = sqlite.prepare<unknown>(sql);
  const all = (values: readonly unknown[]): unknown[] => [...statement.all(...values)];
  return {
    reader: true,
    all,
    run: () => {
      throw new TypeError("A statement of this connection only reads");
    },
    iterate: (values) => all(values)[Symbol.iterator](),
  };
};
