import type { CentralTables } from "@gatehouse/central-database";
import { parseJson } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { failedServersKey, isServerFailure, type ServerFailure } from "../messages/reports.ts";

/** An MCP server that did not start for the agent of a session. */
export type FailedServer = {
  readonly session: string;
  /** The name of the agent's group. */
  readonly group: string;
  readonly server: string;
  readonly why: ServerFailure;
};

/** The MCP servers that did not start at the last try, of sessions that are active. */
export const failedServers = async (db: Kysely<CentralTables>): Promise<readonly FailedServer[]> => {
  const rows = await db
    .selectFrom("session_values")
    .innerJoin("sessions", "sessions.id", "session_values.session_id")
    .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
    .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
    .select(["sessions.id", "agent_groups.name", "session_values.value", "mcp_servers"])
    .where("key", "=", failedServersKey)
    .where("sessions.status", "=", "active")
    .orderBy("agent_groups.name")
    .orderBy("sessions.id")
    .execute();
  return rows.flatMap(({ id: session, name: group, value, mcp_servers: configured }) => {
    const servers = parseJson(configured) as object | null;
    // The value is the agent's own, and a server may have been taken away since.
    return Object.entries((parseJson(value) ?? {}) as object).flatMap(([server, why]: [string, unknown]) =>
      servers !== null && Object.hasOwn(servers, server) && isServerFailure(why)
        ? [{ session, group, server, why }]
        : [],
    );
  });
};
