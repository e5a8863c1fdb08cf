import { inlineToml, type TomlTable, type TomlValue } from "@trust/codex-overrides";
import type { ContainerJson, McpServer } from "../container-json.ts";
import type { ToolProgram } from "../host-tools/serve-tools.ts";
import { serverName } from "../host-tools/tool-names.ts";
import type { Gateway } from "../provider.ts";

/** The settings of one agent. */
export type CodexSettings = Pick<ContainerJson, "model" | "effort" | "mcpServers"> & {
  readonly gateway: Pick<Gateway, "url" | "tokenCommand"> | null;
  /** The MCP server of the host tools. */
  readonly toolProgram: ToolProgram;
};

/** The id of the gateway in Codex's settings. Threads keep it; the address behind it is another at each start. */
const providerId = "gatehouse";

/**
 * Features of 0.169.0 that act without a message, or reach other servers than the gateway: a goal begins turns of its
 * own. And features of which Codex asks nobody: `view_image` opens any file; a command with a terminal takes input by
 * `write_stdin`, so that an allowed pager or editor is a shell. Without a terminal its standard input is closed.
 */
const off = [
  ...["goals", "apps", "plugins", "remote_plugin", "image_generation", "memories"],
  ...["hooks", "skill_mcp_dependency_install", "view_image", "unified_exec_tty"],
];

/** The text of config.toml: a line for each setting. */
export const codexConfig = ({ model, effort, mcpServers, gateway, toolProgram }: CodexSettings): string =>
  Object.entries<TomlValue>({
    ...(model === null ? {} : { model }),
    ...(effort === null ? {} : { model_reasoning_effort: effort }),
    ...(gateway === null ? {} : gatewaySettings(gateway)),
    mcp_servers: Object.fromEntries(
      Object.entries({ ...mcpServers, [serverName]: toolProgram }).map(([name, server]) => [
        name,
        serverSettings(server),
      ]),
    ),
    ...fixed,
  })
    .map(([key, value]) => `${key} = ${inlineToml(value)}\n`)
    .join("");

const fixed: TomlTable = {
  // It runs at the vendor, for a price that the gateway does not know.
  web_search: "disabled",
  // The instructions are in CODEX_HOME; those of folders above the agent's are not its own.
  project_root_markers: [],
  project_doc_max_bytes: 2_000_000n,
  check_for_update_on_startup: false,
  cli_auth_credentials_store: "file",
  history: { persistence: "none" },
  analytics: { enabled: false },
  feedback: { enabled: false },
  skills: { bundled: { enabled: false } },
  agents: { enabled: false },
  features: Object.fromEntries(off.map((name) => [name, false])),
  // `ncl` has to reach its socket. Temporary files have a folder of the workload.
  sandbox_workspace_write: { network_access: true, exclude_slash_tmp: true },
};

/** The gateway's token comes from a command, so it is in no environment, also not of the agent's commands. */
const gatewaySettings = ({ url, tokenCommand }: Pick<Gateway, "url" | "tokenCommand">): TomlTable => ({
  model_provider: providerId,
  model_providers: {
    [providerId]: {
      name: "Gatehouse",
      base_url: `${url}/v1`,
      wire_api: "responses",
      // The runner repeats a turn itself.
      request_max_retries: 0n,
      stream_max_retries: 0n,
      auth: { command: "sh", args: ["-c", tokenCommand] },
    },
  },
});

const serverSettings = ({ command, args, env, url, headers }: McpServer): TomlTable =>
  defined(url === undefined ? { command, args, env } : { url, http_headers: headers });

const defined = (values: Readonly<Record<string, TomlValue | undefined>>): TomlTable =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
