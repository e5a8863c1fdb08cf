import { CompiledQuery, SqliteDialect, type Dialect, type Driver, type SqliteDatabase } from "kysely";

/**
 * Kysely's SQLite dialect, but a transaction that may write takes the write lock at its start. One that reads first and
 * then writes would fail with SQLITE_BUSY_SNAPSHOT, which no busy timeout waits for, whenever another process wrote
 * in between.
 */
export const sqliteDialect = (database: SqliteDatabase): Dialect => {
  const dialect = new SqliteDialect({ database });
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => lockingAtBegin(dialect.createDriver()),
  };
};

const lockingAtBegin = (driver: Driver): Driver => {
  driver.beginTransaction = async (connection, { accessMode }) => {
    await connection.executeQuery(
      CompiledQuery.raw(accessMode === "read only" ? "begin" : "begin immediate"),
    );
  };
  return driver;
};
