export { vendorOfProvider } from "./check-keys.ts";
export { readAllOfStdin } from "./secrets/read-key.ts";
export { explainSecrets } from "./secrets/secrets-messages.ts";
export { mcpSecretsIn } from "./secrets/mcp-secrets-of.ts";
