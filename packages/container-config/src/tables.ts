/** The row of `container_configs`: lists and maps are JSON text. Column names are the legacy ones. */
export type ContainerConfigRow = {
  readonly agent_group_id: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly effort: string | null;
  readonly image_tag: string | null;
  readonly assistant_name: string | null;
  readonly max_messages_per_prompt: number | null;
  readonly timezone: string | null;
  readonly cpus: number | null;
  readonly memory_mb: number | null;
  readonly pids: number | null;
  readonly skills: string;
  readonly mcp_servers: string;
  readonly packages_apt: string;
  readonly packages_npm: string;
  readonly additional_mounts: string;
  readonly cli_scope: string;
  readonly generation: number;
  readonly updated_at: string;
};

/** One earlier or present state of a configuration: `config` is the whole of it as JSON text. */
export type ContainerConfigHistoryRow = {
  readonly agent_group_id: string;
  readonly generation: number;
  readonly config: string;
  /** What changed it: `create`, `backfill`, `update`, `rollback`. */
  readonly change: string;
  readonly changed_at: string;
};

/** The tables this package reads and writes; a host's database type contains them. */
export type ContainerConfigTables = {
  container_configs: ContainerConfigRow;
  container_config_history: ContainerConfigHistoryRow;
};
