export { attempt } from "./attempt.ts";
export { isBusy } from "./busy.ts";
export { openSqlite, type Sqlite, type SqliteOptions } from "./open-sqlite.ts";
export {
  readForeignTables,
  type ForeignRow,
  type ForeignTables,
  type ForeignTablesError,
} from "./foreign-tables.ts";
export { statement } from "./statement.ts";
export type {
  ForeignRead,
  ForeignReadError,
  ForeignReader,
  ForeignReadRow,
  ForeignValue,
} from "./foreign/foreign-reader.ts";
export { foreignReader, type ForeignReaderOptions } from "./foreign/open-foreign-reader.ts";
