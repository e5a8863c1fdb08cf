export { containerConfigStore } from "./config-store.ts";
export { createContainerConfigTables } from "./create-tables.ts";
export { openSqlite, type Sqlite, type SqliteOptions } from "./open-sqlite.ts";
export type { PreparedReader } from "./prepared-reader.ts";
export { scopeReader } from "./scope-reader.ts";
