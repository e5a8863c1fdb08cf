export { attempt, isTrouble } from "./attempt.ts";
export { isBusy } from "./busy.ts";
export { loadSqlite, openInMemory, openSqlite, type Sqlite, type SqliteOptions } from "./open-sqlite.ts";
export {
  readForeignTables,
  type ForeignRow,
  type ForeignTables,
  type ForeignTablesError,
} from "./foreign-tables.ts";
