import { mcpSecretsFor } from "@gatehouse/gateway/mcp-secrets";
import { fail, type Result } from "@gatehouse/std";
import { explainSecrets } from "./secrets/secrets-messages.ts";

export { vendorOfProvider } from "./check-keys.ts";
export { readAllOfStdin, readKey } from "./secrets/read-key.ts";
export { explainSecrets } from "./secrets/secrets-messages.ts";

/** The secrets for MCP servers of a data folder: agents get their values, and changes of a configuration are checked. */
type McpSecrets = {
  /** Returns the values of these names for a group, without missing ones. An error is a sentence. */
  readonly readSecrets: (
    groupId: string,
    names: readonly string[],
  ) => Promise<Result<Readonly<Record<string, string>>, string>>;
  /** Returns the names without a value; all names if the file cannot be read, which the agent's start logs. */
  readonly missingSecrets: (groupId: string, names: readonly string[]) => Promise<readonly string[]>;
};

/** Reads the file at each call, so a new value has effect from the next start of an agent. */
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
