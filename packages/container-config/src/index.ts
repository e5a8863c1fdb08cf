export type { BackfillReport, Backfilled, BrokenConfig } from "./legacy/backfill-report.ts";
export { checkField, checkMcpServer, checkScalars, checkSettings } from "./fields/check-config.ts";
export type { ConfigProblem, InvalidConfig, UnreadableConfig } from "./config-error.ts";
export type {
  ContainerConfig,
  Entries,
  McpAddress,
  McpProgram,
  McpServer,
  Mount,
  Scalars,
} from "./container-config.ts";
export type { ContainerJson } from "./container-json.ts";
export { diffConfigs, needOf, type ConfigChange } from "./changes/diff-configs.ts";
export { driftIn } from "./changes/drift.ts";
export {
  withMcpServer,
  withMount,
  withoutMcpServer,
  withoutMount,
  withoutPackage,
  withPackage,
  type EntryError,
} from "./changes/entry-changes.ts";
export { explain, explainBackfill, type Problem } from "./explain.ts";
export type { Field, Need } from "./fields/field.ts";
export {
  entryNames,
  fieldNames,
  fields,
  initialSettings,
  scalarNames,
  type Settings,
} from "./fields/fields.ts";
export type { GroupFileError } from "./group-file-error.ts";
export { changesWithoutSecrets, withoutSecrets } from "./changes/hide-secrets.ts";
export { shownAddress, shownArguments } from "./secrets/shown-values.ts";
export { parseLegacyConfig, parseLegacyRow, type LegacyConfig } from "./legacy/legacy-config.ts";
export { mountProblem, mountRoot, type HostFolders } from "./fields/mount.ts";
export { ownershipOf, scopeFor, type Ownership, type WiredChat } from "./legacy/ownership.ts";
export { providers, resolveProvider, type Provider } from "./provider.ts";
export type { Result } from "@gatehouse/std";
export { narrowest, scopes, type Scope } from "./scope.ts";
export type { SqliteOpenError } from "./sqlite-error.ts";
export type { ContainerConfigStore, HistoryEntry, Update, UpdateOptions } from "./store.ts";
export type { StoreError } from "./store-error.ts";
export { reachOf } from "./legacy/take-over.ts";
export type {
  Change,
  ContainerConfigHistoryRow,
  ContainerConfigRow,
  ContainerConfigTables,
} from "./tables.ts";
