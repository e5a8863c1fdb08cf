export { backfillContainerConfigs, type LegacyGroup } from "./backfill.ts";
export { containerConfigStore, type StoreOptions } from "./config-store.ts";
export { createContainerConfigTables } from "./create-tables.ts";
export { findMount, type MountRule } from "./find-mount.ts";
export { imageTag } from "./image-tag.ts";
export { containerView, materialise } from "./files/materialise.ts";
export { readLegacyRow } from "./read-legacy.ts";
export { readScope } from "./read-scope.ts";
export { openSqlite, type Sqlite, type SqliteOptions } from "@gatehouse/sqlite";
