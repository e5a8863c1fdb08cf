import type { McpServer, Mount } from "../container-config.ts";
import { fields, scalarNames, type Settings } from "../fields/fields.ts";

/**
 * Splits the settings of a file that the agent can write: settings to apply now, and settings left to a
 * person.
 */
export const splitForAgent = (
  settings: Partial<Settings>,
): { readonly taken: Partial<Settings>; readonly left: Partial<Settings> } => {
  const part = (isOwn: boolean): Partial<Settings> =>
    Object.fromEntries(
      Object.entries(settings).filter(([name]) => fields[name as keyof Settings].agentsOwn === isOwn),
    );
  return { taken: part(true), left: part(false) };
};

/**
 * The `ncl` commands that apply these settings to a group, one per line. They are quoted for a shell, because
 * an agent may have written the values. Values of variables and headers are `...`, because they are secrets.
 * A server's `instructions` are left out: they have no flag.
 */
export const applyCommands = (groupId: string, settings: Partial<Settings>): readonly string[] => {
  const { packages_apt = [], packages_npm = [], mcp_servers = {}, additional_mounts = [] } = settings;
  const scalars = scalarNames.flatMap((name) => flag(name.replaceAll("_", "-"), settings[name]));
  const command = (verb: string, flags: readonly string[]): string =>
    ["ncl groups config", verb, word(groupId), ...flags].join(" ");
  return [
    ...(scalars.length === 0 ? [] : [command("update", scalars)]),
    ...packages_apt.map((name) => command("add-package", flag("apt", name))),
    ...packages_npm.map((name) => command("add-package", flag("npm", name))),
    ...Object.entries(mcp_servers).map(([name, server]) =>
      command("add-mcp-server", serverFlags(name, server)),
    ),
    ...additional_mounts.map((mount) => command("add-mount", mountFlags(mount))),
  ];
};

/**
 * A short text without secrets for each setting that reaches out of the container, or decides what runs in
 * it.
 */
export const reachOf = (settings: Partial<Settings>): readonly string[] => {
  const { packages_apt = [], packages_npm = [], mcp_servers = {}, additional_mounts = [] } = settings;
  const packages = [...packages_apt, ...packages_npm];
  return [
    ...additional_mounts.map(
      ({ hostPath, containerPath, readonly }) =>
        `the mount ${hostPath} at ${containerPath} (${readonly === false ? "read-write" : "read-only"})`,
    ),
    ...Object.entries(mcp_servers).map(
      ([name, server]) => `the MCP server ${name} (${"url" in server ? server.url : server.command})`,
    ),
    ...(packages.length === 0 ? [] : [`the packages ${packages.join(", ")}`]),
    ...(settings.image_tag ? [`the image ${settings.image_tag}`] : []),
    ...(settings.network === "open" ? ["the network of the machine"] : []),
  ];
};

const serverFlags = (name: string, server: McpServer): readonly string[] =>
  "url" in server
    ? [...flag("name", name), ...flag("url", server.url), ...flag("headers", hidden(server.headers))]
    : [
        ...flag("name", name),
        ...flag("command", server.command),
        ...flag("args", server.args === undefined ? undefined : JSON.stringify(server.args)),
        ...flag("env", hidden(server.env)),
      ];

const mountFlags = ({ hostPath, containerPath, readonly }: Mount): readonly string[] => [
  ...flag("host", hostPath),
  ...flag("container", containerPath),
  ...(readonly === false ? ["--rw"] : []),
];

const hidden = (secrets: Readonly<Record<string, string>> | undefined): string | undefined =>
  secrets === undefined
    ? undefined
    : JSON.stringify(Object.fromEntries(Object.keys(secrets).map((name) => [name, "..."])));

/** A value that begins with a dash would be read as a flag of its own. */
const flag = (name: string, value: string | number | null | undefined): readonly string[] => {
  if (value === null || value === undefined) return [];
  const text = String(value);
  return text.startsWith("-") ? [`--${name}=${word(text)}`] : [`--${name}`, word(text)];
};

const word = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
