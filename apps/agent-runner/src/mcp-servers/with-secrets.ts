import type { Secrets } from "@gatehouse/session-rows/messages";
import type { McpServer } from "../container-json.ts";
import type { ServerState } from "../provider.ts";

/** What a launcher starts in place of the CLI: a program with more variables, or a connection to an address. */
export type ServerStart =
  | {
      readonly command: string;
      readonly args: readonly string[];
      /** The variables whose values are secrets. The others come from the CLI. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** The servers of a configuration, without their secrets and with them. */
export type SecretServers = {
  /** The servers for the CLI, which writes them to its files: none has a secret. */
  readonly servers: Readonly<Record<string, McpServer>>;
  /** The starts of those that need secrets, by the server's name. In memory only. */
  readonly starts: ReadonlyMap<string, ServerStart>;
  /** Notes for the agent: the servers that were left out, and why. */
  readonly notes: readonly string[];
  readonly leftOut: readonly ServerState[];
};

type Servers = Readonly<Record<string, McpServer>>;

/** Whether a server needs a secret of the host. */
export const needSecrets = (servers: Servers): boolean =>
  Object.values(servers).some((server) => Object.keys(referencesOf(server)).length > 0);

/**
 * Puts a launcher in the place of each server that needs secrets. A server whose secret is missing is left out: the
 * agent answers without it, and gets a note.
 */
export const withSecrets = (
  servers: Servers,
  secrets: Secrets,
  launcherOf: (name: string) => Pick<McpServer, "command" | "args">,
): SecretServers => {
  const starts = new Map<string, ServerStart>();
  const notes: string[] = [];
  const leftOut: ServerState[] = [];
  const kept = Object.entries(servers).flatMap(
    ([name, server]): readonly (readonly [string, McpServer])[] => {
      const references = Object.entries(referencesOf(server));
      if (references.length === 0) return [[name, server]];
      const problems = references.flatMap(
        ([key, secret]) => problemOf(server, { key, secret, secrets }) ?? [],
      );
      if (problems.length > 0) {
        leftOut.push({ name, failure: "no-secret" });
        notes.push(
          `The MCP server ${name} was not started, so you do not have its tools. ${problems.join(" ")}`,
        );
        return [];
      }
      const values = Object.fromEntries(references.map(([key, secret]) => [key, secrets[secret] ?? ""]));
      starts.set(name, startOf(server, values));
      return [[name, { ...launcherOf(name), env: server.env ?? {} }]];
    },
  );
  return { servers: Object.fromEntries(kept), starts, notes, leftOut };
};

const referencesOf = ({
  url,
  secretEnv = {},
  secretHeaders = {},
}: McpServer): Readonly<Record<string, string>> => (url === undefined ? secretEnv : secretHeaders);

const startOf = (
  { command = "", args = [], url, headers = {} }: McpServer,
  values: Readonly<Record<string, string>>,
): ServerStart =>
  url === undefined ? { command, args, env: values } : { url, headers: { ...headers, ...values } };

type Reference = { readonly key: string; readonly secret: string; readonly secrets: Secrets };

/** Why a secret cannot be used, a sentence; null if it can. Errors of Node would quote such a value. */
const problemOf = ({ url }: McpServer, { key, secret, secrets }: Reference): string | null => {
  const value = Object.hasOwn(secrets, secret) ? secrets[secret] : undefined;
  if (value === undefined)
    return `The host has no secret ${secret}: a person sets it by "gatehouse secrets set ${secret}", and you have it from your next start.`;
  if (url === undefined)
    return value.includes("\0") ? `The secret ${secret} has a character that no variable can have.` : null;
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? null
    : `The secret ${secret} has a line end or a character that the header ${key} cannot have.`;
};
