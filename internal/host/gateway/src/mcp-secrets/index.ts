export { mcpSecretProblem } from "./mcp-secret-problem.ts";
export {
  type McpSecret,
  mcpSecretsFor,
  mcpSecretsFileIn,
  readMcpSecrets,
  removeMcpSecret,
  setMcpSecret,
} from "./mcp-secrets-file.ts";
