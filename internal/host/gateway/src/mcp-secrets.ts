import { join } from "node:path";
import {
  type PrivateFile,
  readPrivate,
  removePrivate,
  type SecretsError,
  setPrivate,
} from "@gatehouse/fs-kit";
import { ok, type Result } from "@gatehouse/std";

/** Longest value, in characters. A private key with its certificates has some thousand. */
const mostCharacters = 32_768;

/** Why a text cannot be the value of a secret; null if it can. Never quotes it. */
export const mcpSecretProblem = (text: string): string | null => {
  if (text === "") return "It is empty.";
  if (text.length > mostCharacters) return `It has more than ${mostCharacters} characters.`;
  // No environment can carry NUL.
  return text.includes("\0") ? "It has a NUL character." : null;
};

/** A secret that MCP servers of agents get by its name, for one group, or for all groups without their own. */
export type McpSecret = {
  readonly name: string;
  /** The group's id; null for all groups. */
  readonly group: string | null;
  readonly value: string;
};

/**
 * The file of the secrets for MCP servers. It is not the file of the vendors' keys: what reads this one for an agent
 * cannot find a key, whatever name it looks for.
 */
export const mcpSecretsFileIn = (dataDir: string): string => join(dataDir, "mcp-secrets.json");

/** Reads the secrets; none if there is no file. */
export const readMcpSecrets = (dataDir: string): Promise<Result<readonly McpSecret[], SecretsError>> =>
  readPrivate(secretsIn(dataDir));

/** Sets the secret of a name and group. A secret that is there is replaced. */
export const setMcpSecret = (dataDir: string, secret: McpSecret): Promise<Result<boolean, SecretsError>> =>
  setPrivate(secretsIn(dataDir), secret);

/** Removes the secret of a name and group. False if there was none. */
export const removeMcpSecret = (dataDir: string, named: Named): Promise<Result<boolean, SecretsError>> =>
  removePrivate(secretsIn(dataDir), named);

/** The values of these names that the host has for a group: its own, else those for all groups. */
export const mcpSecretsFor = async (
  dataDir: string,
  { group, names }: { readonly group: string; readonly names: readonly string[] },
): Promise<Result<Readonly<Record<string, string>>, SecretsError>> => {
  if (names.length === 0) return ok({});
  const read = await readMcpSecrets(dataDir);
  if (!read.ok) return read;
  const valueOf = (name: string, of: string | null): string | undefined =>
    read.value.find((each) => each.name === name && each.group === of)?.value;
  const found = names.flatMap((name) => {
    const value = valueOf(name, group) ?? valueOf(name, null);
    return value === undefined ? [] : [[name, value] as const];
  });
  return ok(Object.fromEntries(found));
};

type Named = Pick<McpSecret, "name" | "group">;

const isSecret = (value: unknown): value is McpSecret => {
  const { name, group, value: text } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    typeof name === "string" && (group === null || typeof group === "string") && typeof text === "string"
  );
};

const secretsIn = (dataDir: string): PrivateFile<McpSecret, Named> => ({
  ...{ file: mcpSecretsFileIn(dataDir), isEntry: isSecret },
  isNamed: (secret, { name, group }) => secret.name === name && secret.group === group,
});
