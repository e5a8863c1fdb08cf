export {
  hasAgentChanged,
  resolveAgent,
  type AgentChoice,
  type AgentSources,
  type Decided,
  type DecidedBy,
} from "./agent-choice.ts";
export { changesWithoutSecrets, withoutSecrets } from "./changes/hide-secrets.ts";
export { diffConfigs, driftIn, needOf, type ConfigChange } from "./changes/diff-configs.ts";
export {
  withMcpServer,
  withMount,
  withoutMcpServer,
  withoutMount,
  withoutPackage,
  withPackage,
  withPackages,
  type EntryError,
} from "./changes/entry-changes.ts";
export type { ConfigProblem, InvalidConfig, UnreadableConfig } from "./config-error.ts";
export type { ContainerConfig, Entries, McpServer, Mount, Scalars } from "./container-config.ts";
export { explain, explainBackfill } from "./config-messages.ts";
export { refusedFromAgents } from "./fields/refused-from-agents.ts";
export { checkField, checkMcpServer, checkScalars } from "./fields/check-config.ts";
export { isValidSecretName, secretsOf } from "./fields/secret-name.ts";
export { checkOrigin, type Origin } from "./fields/origin.ts";
export type { Need } from "./fields/field.ts";
export {
  fieldNames,
  initialSettings,
  settingFlags,
  type SettingFlag,
  type Settings,
} from "./fields/fields.ts";
export type { BackfillReport, Backfilled } from "./legacy/backfill-report.ts";
export type { LegacyConfig } from "./legacy/legacy-config.ts";
export { ownershipOf, scopeFor, type Ownership, type WiredChat } from "./legacy/ownership.ts";
export { reachOf } from "./legacy/take-over.ts";
export { providers, resolveProvider, type Provider } from "./provider.ts";
export type { Result } from "@gatehouse/std";
export {
  isolations,
  isWeaker,
  narrowest,
  scopes,
  strongest,
  type Isolation,
  type Network,
  type Scope,
  type ToolPolicy,
} from "./choices.ts";
export { keptGenerations, type HistoryEntry } from "./history.ts";
export type {
  ContainerConfigStore,
  CreateOptions,
  HistoryOptions,
  RollbackOptions,
  Update,
  UpdateOptions,
} from "./store.ts";
export type { StoreError } from "./store-error.ts";
export type { ContainerConfigTables } from "./tables.ts";
