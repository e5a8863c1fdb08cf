export type {
  ContainerConfig,
  Entries,
  McpAddress,
  McpProgram,
  McpServer,
  Mount,
  Scalars,
} from "./container-config.ts";
export type { Result } from "./result.ts";
export type { Scope } from "./scope.ts";
export type { ContainerConfigHistoryRow, ContainerConfigRow, ContainerConfigTables } from "./tables.ts";
