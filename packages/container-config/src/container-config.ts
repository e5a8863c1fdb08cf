import type { Scope } from "./scope.ts";

/** An MCP server: a program to start, or an address to talk to. */
export type McpServer = McpProgram | McpAddress;

export type McpProgram = {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Text for the agent, put into its instructions. */
  readonly instructions?: string;
};

export type McpAddress = {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly instructions?: string;
};

/** A folder of the host inside the container; read-only unless `readonly` is false. */
export type Mount = {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readonly?: boolean;
};

/** Single values; null is unset, and differs from every value. */
export type Scalars = {
  readonly provider: string | null;
  readonly model: string | null;
  readonly effort: string | null;
  readonly image_tag: string | null;
  readonly assistant_name: string | null;
  readonly max_messages_per_prompt: number | null;
  /** IANA name. */
  readonly timezone: string | null;
  /** Processors, in parts of one. */
  readonly cpus: number | null;
  /** MiB. */
  readonly memory_mb: number | null;
  /** Processes at once. */
  readonly pids: number | null;
  readonly cli_scope: Scope;
};

/** Lists and maps, changed entry by entry. */
export type Entries = {
  readonly skills: "all" | readonly string[];
  readonly mcp_servers: Readonly<Record<string, McpServer>>;
  readonly packages_apt: readonly string[];
  readonly packages_npm: readonly string[];
  readonly additional_mounts: readonly Mount[];
};

/** What one agent group's containers run with. The keys are those of the table and of `ncl`. */
export type ContainerConfig = Scalars &
  Entries & {
    readonly agent_group_id: string;
    /** Counts the changes, from 1, without gaps. */
    readonly generation: number;
    /** ISO 8601, UTC. */
    readonly updated_at: string;
  };
