/** The agents that we know, by the name that flags, files and databases have for them. */
export const providers = ["claude", "codex", "gemini", "copilot", "qwen", "kimi", "opencode", "pi"] as const;

export type Provider = (typeof providers)[number];
