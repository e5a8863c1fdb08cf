import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDialect,
  type Dialect,
  type Driver,
  type SqliteDatabase,
} from "kysely";
import { waitingWhileBusy, type WriteLock } from "./busy.ts";

/**
 * Kysely's SQLite dialect, but a transaction that may write takes the write lock at its start. A transaction
 * that reads first and then writes would fail with SQLITE_BUSY_SNAPSHOT if another process wrote in between,
 * and then waiting would not help.
 */
export const sqliteDialect = (database: SqliteDatabase, lock: WriteLock): Dialect => {
  const dialect = new SqliteDialect({ database });
  return {
    createAdapter: () => new Adapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => {
      const driver = rollingBackOnce(dialect.createDriver(), lock.isHeld);
      return waitingWhileBusy(driver, lock);
    },
  };
};

/** SQLite can roll back `create table`. Knowing that, Kysely's Migrator runs all migrations in one transaction. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * A commit that fails on a full disk (SQLITE_FULL, SQLITE_IOERR) has already rolled back. A second rollback
 * would hide the reason behind "cannot rollback" (lang_transaction.html of SQLite, "Response To Errors Within
 * A Transaction").
 */
const rollingBackOnce = (driver: Driver, isHeld: WriteLock["isHeld"]): Driver => {
  driver.rollbackTransaction = async (connection) => {
    if (isHeld()) await connection.executeQuery(CompiledQuery.raw("rollback"));
  };
  return driver;
};
