/** The native CLIs that the adapter can start, as \`--provider\` names them. */
export const agentNames = ["claude", "codex", "gemini", "copilot", "qwen", "kimi", "opencode", "pi"] as const;
export type AgentName = (typeof agentNames)[number];
