/** The supported agents, by the name that flags, files and databases use. */
export const providers = ["claude", "codex", "gemini", "copilot", "qwen", "kimi", "opencode", "pi"] as const;

export type Provider = (typeof providers)[number];
