/** Not a real key: it has the right form. */
const apiKey = "sk-test-1234567890";

/** The environment in which Claude Code and Codex ask this model, and no other server. */
export const modelEnv = (address: string): Readonly<Record<string, string>> => ({
  ANTHROPIC_BASE_URL: address,
  ANTHROPIC_API_KEY: apiKey,
  NO_PROXY: "127.0.0.1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  STAND_IN_KEY: apiKey,
});

/** Codex's config.toml of a person who has this model. Codex adds its own notes to it. */
export const codexConfig = (address: string): string => `# by hand
model_provider   =   "stand-in"

[model_providers.stand-in]
name = "stand-in"
base_url = "${address}/v1"
wire_api = "responses"
env_key = "STAND_IN_KEY"

[projects."/somewhere/else"]
trust_level = "untrusted" # of somebody
`;
