import type { Isolation, Network, Scope, ToolPolicy } from "./choices.ts";

/** An MCP server: a program to start, or an address to talk to. */
export type McpServer = McpProgram | McpAddress;

export type McpProgram = {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Variables whose values are secrets of the host: the variable's name, and the secret's. */
  readonly secretEnv?: Readonly<Record<string, string>>;
  /** Text for the agent, put into its instructions. */
  readonly instructions?: string;
};

export type McpAddress = {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers whose values are secrets of the host: the header's name, and the secret's. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  readonly instructions?: string;
};

/** A folder of the host inside the container; read-only unless `readonly` is false. */
export type Mount = {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readonly?: boolean;
};

/** Single values. Null means unset, and differs from every value. */
export type Scalars = {
  readonly provider: string | null;
  readonly model: string | null;
  readonly effort: string | null;
  readonly image_tag: string | null;
  readonly assistant_name: string | null;
  readonly max_messages_per_prompt: number | null;
  /** IANA name. */
  readonly timezone: string | null;
  /** Number of processors; may be a fraction. */
  readonly cpus: number | null;
  /** MiB. */
  readonly memory_mb: number | null;
  /** Maximum processes at the same time. */
  readonly pids: number | null;
  /** Requests to models in a day of the group's timezone. */
  readonly max_requests_per_day: number | null;
  /** Tokens in a day, of input and output together. */
  readonly max_tokens_per_day: number | null;
  /** Money in a day, in the currency of the operator's prices. */
  readonly max_cost_per_day: number | null;
  /** Where requests for the models of a vendor go, `anthropic=https://models.example`. Null is the host's address. */
  readonly upstream: string | null;
  readonly cli_scope: Scope;
  readonly tools: ToolPolicy;
  /** Null is `gateway`. */
  readonly network: Network | null;
  /** The least isolation under which the group's agents may run. */
  readonly isolation: Isolation;
};

/** Lists and maps, changed entry by entry. */
export type Entries = {
  readonly skills: "all" | readonly string[];
  readonly mcp_servers: Readonly<Record<string, McpServer>>;
  readonly packages_apt: readonly string[];
  readonly packages_npm: readonly string[];
  readonly additional_mounts: readonly Mount[];
};

/** The configuration of one agent group's containers. The keys are those of the table and of `ncl`. */
export type ContainerConfig = Scalars &
  Entries & {
    readonly agent_group_id: string;
    /** Counts the changes, from 1, without gaps. */
    readonly generation: number;
    /** ISO 8601, UTC. */
    readonly updated_at: string;
  };
