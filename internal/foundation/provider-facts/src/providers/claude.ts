import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const claudeCli: CliFacts = {
  title: "Claude Code",
  file: "claude",
  npmPackage: "@anthropic-ai/claude-code",
  npmVersion: "2.1.332",
  trust: "recorded",
  oldest: { version: "2.1.81", why: "it does not know --bare, which keeps the folder's own settings out" },
  proven: { from: "2.1.113", to: "2.1.332" },
  homeFolders: [".claude"],
  systemFolder: "/etc/claude-code",
  stateVariables: ["CLAUDE_CONFIG_DIR"],
  variables: ["ANTHROPIC_", "CLAUDE", "AWS_BEARER"],
  instructionFile: "CLAUDE.md",
  typed: { slash: "no-path", endsByWord: true },
};

/** The oldest Claude Code whose results name their prompts. */
export const claudeFloor = "2.1.275";

export const claudeAgent: AgentFacts = {
  applies: ["model", "effort", "mcp_servers"],
  vendor: "anthropic",
  oldest: claudeFloor,
  fetchedMegabytes: 370,
  notes: [],
};
