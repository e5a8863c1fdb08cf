import { mcpSecretsFor } from "@gatehouse/gateway/mcp-secrets";
import { fail, type Result } from "@gatehouse/std";
import { explainSecrets } from "./secrets/secrets-messages.ts";

export { vendorOfProvider } from "./check-keys.ts";
export { readAllOfStdin } from "./secrets/read-key.ts";
export { explainSecrets } from "./secrets/secrets-messages.ts";

/** The secrets for MCP servers of a data folder, by which agents start and changes are checked. */
type McpSecrets = {
  /** The values that the host has of these names, for a group. An error is a sentence. */
  readonly readSecrets: (
    groupId: string,
    names: readonly string[],
  ) => Promise<Result<Readonly<Record<string, string>>, string>>;
  /** A file that cannot be read has no secrets. The start of the agent logs why. */
  readonly missingSecrets: (groupId: string, names: readonly string[]) => Promise<readonly string[]>;
};

/** Reads the file anew each time, so a new value counts from the next start of an agent. */
export const mcpSecretsIn = (dataDir: string): McpSecrets => {
  const readSecrets: McpSecrets["readSecrets"] = async (group, names) => {
    const read = await mcpSecretsFor(dataDir, { group, names });
    return read.ok ? read : fail(explainSecrets(read.error).message);
  };
  return {
    readSecrets,
    missingSecrets: async (groupId, names) => {
      const read = await readSecrets(groupId, names);
      return names.filter((name) => !read.ok || !Object.hasOwn(read.value, name));
    },
  };
};
