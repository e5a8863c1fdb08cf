import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { shellWord } from "@gatehouse/std";
import {
  reachOf,
  refusedFromAgents,
  withoutSecrets,
  type ContainerConfig,
  type McpServer,
} from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import type { ConvertedRows } from "./convert-rows.ts";

/**
 * What a person has to confirm before it is imported: nanoclaw's agents can write its folder, and so may have added it.
 * Sentences for a person.
 */
export type Confirmable = {
  /** The owners and admins. */
  readonly rights: readonly string[];
  /** What runs or is reached with a group's first message: MCP servers, packages, images, mounts, networks. */
  readonly programs: readonly string[];
  /** What agents do at their times, with nobody there. */
  readonly tasks: readonly string[];
};

/** Lists what an import brings in that a person has to confirm. Reads the configurations that were just saved. */
export const confirmableOf = async (
  db: Kysely<CentralTables>,
  { rows }: ConvertedRows,
  now: () => string,
): Promise<Omit<Confirmable, "tasks">> => {
  const store = containerConfigStore<CentralTables>(db, { now });
  const programs: string[] = [];
  for (const { id, folder } of rows.agent_groups) {
    const config = await store.get(String(id));
    if (config.ok && config.value !== null)
      programs.push(...programsOf(config.value).map((what) => `${String(folder)}: ${what}`));
  }
  return { rights: rows.user_roles.map(rightOf), programs };
};

const rightOf = ({ user_id, role, agent_group_id }: ConvertedRows["rows"]["user_roles"][number]): string => {
  const of = agent_group_id === null ? "all groups" : `the group ${String(agent_group_id)}`;
  return `${String(user_id)} is ${role === "owner" ? "an owner" : "an admin"} of ${of}`;
};

const programsOf = (config: ContainerConfig): readonly string[] => [
  ...Object.entries(withoutSecrets(config).mcp_servers).flatMap(([name, server]) => [
    `the MCP server ${name} ${serverText(server)}`,
    ...hazardsOf(name, server),
  ]),
  ...reachOf({ ...config, mcp_servers: {} }),
];

/** Parts by which other code runs than the command names, such as `NODE_OPTIONS`: an agent could not set them here. */
const hazardsOf = (name: string, server: McpServer): readonly string[] => {
  const checked = refusedFromAgents(name, server);
  return checked.ok ? [] : checked.error.problems.map(({ path, problem }) => `${path} ${problem}`);
};

const serverText = (server: McpServer): string => {
  if ("url" in server) return `at ${server.url}`;
  const names = Object.keys(server.env ?? {});
  const variables = names.length === 0 ? "" : `, with the variables ${names.join(", ")}`;
  return `runs ${[server.command, ...(server.args ?? [])].map(shellWord).join(" ")}${variables}`;
};
