import { addressParts, isSecretPiece, pieceOf } from "./address-parts.ts";
import type { McpAddress, McpProgram, McpServer } from "./container-config.ts";
import type { ConfigChange } from "./diff-configs.ts";
import type { Settings } from "./fields.ts";
import { isSecretName, looksSecret } from "./secret-words.ts";

const hidden = "(hidden)";
const hiddenAndChanged = "(hidden, changed)";

type Servers = Settings["mcp_servers"];

/** The same, as it may be shown: of MCP servers' variables and headers the names, and no secret of an address or argument. */
export const withoutSecrets = <Config extends Pick<Settings, "mcp_servers">>(config: Config): Config => ({
  ...config,
  mcp_servers: shownServers(config.mcp_servers),
});

/** Changes as they may be shown; a secret that differs is said to. */
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

/** Two that look the same but are not differ in what is hidden. */
const noted = (shown: string, before: string | undefined, isSame: boolean): string =>
  shown === before && !isSame ? shown.replaceAll(hidden, hiddenAndChanged) : shown;

/** An address without who signs in there, the values of secret parameters, and what stands behind `#`. */
export const shownAddress = (url: string): string => {
  const parts = addressParts(url);
  if (parts === null) return hidden;
  const { scheme, authority, path, query, fragment } = parts;
  const at = authority.lastIndexOf("@");
  return [
    scheme,
    at < 0 ? authority : `${hidden}${authority.slice(at)}`,
    shownPieces(path, /([/;])/u),
    shownPieces(query, /([?&;])/u),
    fragment === "" ? "" : `#${hidden}`,
  ].join("");
};

const shownPieces = (text: string, separators: RegExp): string =>
  text
    .split(separators)
    .map((part) => {
      const piece = pieceOf(part);
      if (!isSecretPiece(piece)) return part;
      return piece.name === null ? hidden : `${piece.name}=${hidden}`;
    })
    .join("");

/**
 * Arguments without the values of secret flags and variables. What is run must stay to be seen by whoever is asked about it: so
 * a value counts only if it is one plain word, and one behind a flag only after the first argument that is no flag, which is
 * what a runner such as npx runs.
 */
export const shownArguments = (args: readonly string[]): readonly string[] => {
  const first = args.findIndex((arg) => !arg.startsWith("-"));
  return args.map((arg, at) => {
    const flag = args[at - 1] ?? "";
    const isValue = at - 1 > first && first >= 0 && flag.startsWith("-") && isSecretName(flag);
    return isValue && isPlain(arg) && !arg.startsWith("-") ? hidden : shownArgument(arg);
  });
};

const shownArgument = (arg: string): string => {
  if (/^[a-z][a-z\d+.-]*:\/\/\S+$/iu.test(arg)) return shownAddress(arg);
  const header = /^((?:--?[\w-]+=)?([\w-]+):) ?(?:(?:Bearer|Basic|Token) )?(\S+)$/iu.exec(arg);
  if (header !== null && isSecretName(header[2] ?? "") && isPlain(header[3] ?? ""))
    return `${header[1]} ${hidden}`;
  const { name, value } = pieceOf(arg);
  if (!isPlain(value)) return arg;
  if (name !== null && /^[\w-]+$/u.test(name) && isSecretName(name)) return `${name}=${hidden}`;
  return looksSecret(value) ? `${name === null ? "" : `${name}=`}${hidden}` : arg;
};

/** One word that no shell takes for more; a path is none. */
const isPlain = (value: string): boolean => /^[\w.~+=:@%-][\w.~+/=:@%-]*$/u.test(value);
