import type { McpAddress, McpProgram, McpServer } from "../container-config.ts";
import type { ConfigChange } from "./diff-configs.ts";
import type { Settings } from "../fields/fields.ts";
import { hidden, shownAddress, shownArguments } from "../secrets/shown-values.ts";

const hiddenAndChanged = "(hidden, changed)";

type Servers = Settings["mcp_servers"];

/**
 * A copy to show to people: variables and headers of MCP servers by name only, addresses and arguments
 * without their secrets.
 */
export const withoutSecrets = <Config extends Pick<Settings, "mcp_servers">>(config: Config): Config => ({
  ...config,
  mcp_servers: shownServers(config.mcp_servers),
});

/** Changes to show to people. A secret that differs is marked as changed. */
export const changesWithoutSecrets = (changes: readonly ConfigChange[]): readonly ConfigChange[] =>
  changes.map((change) =>
    change.field === "mcp_servers"
      ? { ...change, before: shownServers(change.before), after: shownServers(change.after, change.before) }
      : change,
  );

const shownServers = (servers: Servers, before: Servers = {}): Servers =>
  Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, shownServer(server, before[name] ?? server)]),
  );

const shownServer = (server: McpServer, before: McpServer): McpServer => {
  if ("url" in server) return shownAddressOf(server, "url" in before ? before : server);
  return shownProgram(server, "command" in before ? before : server);
};

const shownAddressOf = ({ url, headers, ...rest }: McpAddress, before: McpAddress): McpAddress => ({
  url: noted(shownAddress(url), shownAddress(before.url), url === before.url),
  ...(headers === undefined ? {} : { headers: namesOf(headers, before.headers) }),
  ...rest,
});

const shownProgram = ({ command, args, env, ...rest }: McpProgram, before: McpProgram): McpProgram => {
  const was = shownArguments(before.args ?? []);
  const isSame = (at: number): boolean => args?.[at] === before.args?.[at];
  const shown = shownArguments(args ?? []).map((arg, at) => noted(arg, was[at], isSame(at)));
  return {
    command,
    ...(args === undefined ? {} : { args: shown }),
    ...(env === undefined ? {} : { env: namesOf(env, before.env) }),
    ...rest,
  };
};

type Secrets = Readonly<Record<string, string>>;

const namesOf = (secrets: Secrets, before: Secrets = {}): Secrets =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      noted(hidden, hidden, (before[name] ?? value) === value),
    ]),
  );

/** Marks a value that looks the same as before but differs in its secret. */
const noted = (shown: string, before: string | undefined, isSame: boolean): string =>
  shown === before && !isSame ? shown.replaceAll(hidden, hiddenAndChanged) : shown;
