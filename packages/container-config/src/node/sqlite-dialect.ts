import { CompiledQuery, SqliteDialect, type Dialect, type Driver, type SqliteDatabase } from "kysely";

/**
 * Kysely's SQLite dialect, but a transaction that may write takes the write lock at its start. One that reads first and
 * then writes would fail with SQLITE_BUSY_SNAPSHOT, which no busy timeout waits for, whenever another process wrote
 * in between. `isInTransaction` asks the database whether a transaction is open.
 */
export const sqliteDialect = (database: SqliteDatabase, isInTransaction: () => boolean): Dialect => {
  const dialect = new SqliteDialect({ database });
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => rollingBackOnce(lockingAtBegin(dialect.createDriver()), isInTransaction),
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

/**
 * A commit that fails on a full disk (SQLITE_FULL, SQLITE_IOERR) has rolled back already, and "cannot rollback" would be told in
 * place of its reason (lang_transaction.html of SQLite, "Response To Errors Within A Transaction").
 */
const rollingBackOnce = (driver: Driver, isInTransaction: () => boolean): Driver => {
  driver.rollbackTransaction = async (connection) => {
    if (isInTransaction()) await connection.executeQuery(CompiledQuery.raw("rollback"));
  };
  return driver;
};
