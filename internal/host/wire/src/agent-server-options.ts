import type { TlsDoor } from "@gatehouse/socket-server";
import type { Secrets } from "@gatehouse/session-rows/messages";
import type { SessionSignals, Workload } from "@gatehouse/session-rows";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";

/** The dependencies and settings of the server for agents. */
export type AgentServerOptions = {
  /** The rows of sessions. */
  readonly db: Kysely<CentralTables>;
  /** The folder for the state that `gatehouse status` shows. */
  readonly dataDir: string;
  /** The socket that agents dial. Every account may connect; the token identifies the agent's session. */
  readonly runnersSocket: string;
  /** A TLS port that also serves agents. */
  readonly tlsDoor?: Pick<TlsDoor, "serve" | "close">;
  readonly signals: SessionSignals;
  /** Reads the secrets of an agent's MCP servers. They are sent to that agent only, and kept nowhere. */
  readonly secrets: (workload: Workload) => Promise<Secrets>;
  /** Called for each connection with a valid token. Returns a function to call when it has ended. */
  readonly connected: (workload: Workload, close: () => void) => () => void;
  /** Called for a runner that speaks another version of the wire than this host. It gets no connection. */
  readonly outdated: (workload: Workload) => Promise<void>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  readonly report: (error: unknown) => void;
};
