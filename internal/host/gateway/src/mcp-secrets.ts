import { type PrivateList, privateList, type SecretsError } from "@gatehouse/fs-kit";
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

/** The values of these names that the host has for a group: its own, else those for all groups. */
export const mcpSecretsFor = async (
  dataDir: string,
  { group, names }: { readonly group: string; readonly names: readonly string[] },
): Promise<Result<Readonly<Record<string, string>>, SecretsError>> => {
  if (names.length === 0) return ok({});
  const read = await mcpSecrets.read(dataDir);
  if (!read.ok) return read;
  const valueOf = (name: string, of: string | null): string | undefined =>
    read.value.find((each) => each.name === name && each.group === of)?.value;
  const found = names.flatMap((name) => {
    const value = valueOf(name, group) ?? valueOf(name, null);
    return value === undefined ? [] : [[name, value] as const];
  });
  return ok(Object.fromEntries(found));
};

const isSecret = (value: unknown): value is McpSecret => {
  const { name, group, value: text } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    typeof name === "string" && (group === null || typeof group === "string") && typeof text === "string"
  );
};

/**
 * The secrets for MCP servers. Their file is not that of the vendors' keys: what reads this one for an agent cannot find a
 * key, whatever name it looks for.
 */
export const mcpSecrets: PrivateList<McpSecret, Pick<McpSecret, "name" | "group">> = privateList({
  fileName: "mcp-secrets.json",
  isEntry: isSecret,
  isNamed: (secret, { name, group }) => secret.name === name && secret.group === group,
});
