import type { McpServer } from "./container-config.ts";
import type { ConfigChange } from "./diff-configs.ts";
import type { Settings } from "./fields.ts";

const hidden = "(hidden)";

/** The same, without the values of MCP servers' variables and headers: their names stay. */
export const withoutSecrets = <Config extends Pick<Settings, "mcp_servers">>(config: Config): Config => ({
  ...config,
  mcp_servers: hideIn(config.mcp_servers),
});

/** Changes as they may be shown. */
export const changesWithoutSecrets = (changes: readonly ConfigChange[]): readonly ConfigChange[] =>
  changes.map((change) =>
    change.field === "mcp_servers"
      ? { ...change, before: hideIn(change.before), after: hideIn(change.after) }
      : change,
  );

const hideIn = (servers: Settings["mcp_servers"]): Settings["mcp_servers"] =>
  Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, hideOf(server)]));

const hideOf = (server: McpServer): McpServer => ({
  ...server,
  ...("env" in server && server.env !== undefined && { env: namesOnly(server.env) }),
  ...("headers" in server && server.headers !== undefined && { headers: namesOnly(server.headers) }),
});

const namesOnly = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(values).map((name) => [name, hidden]));
