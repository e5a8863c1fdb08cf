import type { Entries, Scalars } from "./container-config.ts";

/**
 * The row of `container_configs`: single values as they are, lists and maps as JSON text. Column names are
 * the legacy ones.
 */
export type ContainerConfigRow = Omit<Scalars, "cli_scope" | "isolation" | "network" | "tools"> & {
  readonly [Name in keyof Entries]: string;
} & {
  readonly agent_group_id: string;
  readonly cli_scope: string;
  readonly tools: string;
  readonly network: string | null;
  readonly isolation: string;
  readonly generation: number;
  readonly updated_at: string;
};

/** The cause of a generation. */
export type Change = "create" | "backfill" | "update" | "rollback";

/** One generation of a configuration. `config` has all its settings as JSON text. */
export type ContainerConfigHistoryRow = {
  readonly agent_group_id: string;
  readonly generation: number;
  readonly config: string;
  /** A `Change`. */
  readonly change: string;
  readonly changed_at: string;
  /** Null in generations older than the column, and if the host named no actor. */
  readonly actor: string | null;
  readonly reason: string | null;
};

/** The tables this package reads and writes; a host's database type contains them. */
export type ContainerConfigTables = {
  container_configs: ContainerConfigRow;
  container_config_history: ContainerConfigHistoryRow;
};
