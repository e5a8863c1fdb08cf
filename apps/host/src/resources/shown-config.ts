import type { ConfigChange, ContainerConfig, McpServer } from "@nc/container-config";

const hidden = "(hidden)";
const hiddenAndChanged = "(hidden, changed)";

type Servers = ContainerConfig["mcp_servers"];

/** A configuration as it is shown: the values of environment variables and headers are in container.json only. */
export const shownConfig = (config: ContainerConfig): ContainerConfig => ({
  ...config,
  mcp_servers: shownServers(config.mcp_servers),
});

/** One field before and after. */
export type ShownChange = Pick<ConfigChange, "field" | "before" | "after" | "needs">;

/** A change as it is shown; a secret that differs is said to. */
export const shownChange = (change: ConfigChange): ShownChange =>
  change.field === "mcp_servers"
    ? { ...change, before: shownServers(change.before), after: shownServers(change.after, change.before) }
    : change;

const shownServers = (servers: Servers, before: Servers = {}): Servers =>
  Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, shownServer(server, before[name])]),
  );

const shownServer = (server: McpServer, before: McpServer | undefined): McpServer => {
  if ("url" in server) {
    const was = before !== undefined && "url" in before ? before.headers : undefined;
    return server.headers === undefined ? server : { ...server, headers: namesOf(server.headers, was) };
  }
  const was = before !== undefined && "command" in before ? before.env : undefined;
  return server.env === undefined ? server : { ...server, env: namesOf(server.env, was) };
};

type Secrets = Readonly<Record<string, string>>;

const namesOf = (secrets: Secrets, before: Secrets = {}): Secrets =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      (before[name] ?? value) === value ? hidden : hiddenAndChanged,
    ]),
  );
