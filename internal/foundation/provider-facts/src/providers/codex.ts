import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const codexCli: CliFacts = {
  title: "Codex",
  file: "codex",
  npmPackage: "@openai/codex",
  npmVersion: "0.169.0",
  trust: "at-launch",
  oldest: null,
  proven: { from: "0.20.0", to: "0.171.0" },
  homeFolders: [".codex"],
  systemFolder: "/etc/codex",
  stateVariables: ["CODEX_HOME"],
  variables: ["OPENAI_", "CODEX_"],
  instructionFile: "AGENTS.md",
  typed: { slash: "no-path", endsByWord: false },
};

/** The oldest Codex that is taken. 0.163.0 and 0.166.0 call the tools of MCP servers without asking. */
export const codexFloor = "0.169.0";

export const codexAgent: AgentFacts = {
  applies: ["model", "effort", "mcp_servers"],
  vendor: "openai",
  oldest: codexFloor,
  fetchedMegabytes: null,
  notes: [
    "Codex asks before every command. An allowed command runs in Codex's own sandbox, where it can read everything and write only in the group's folder. If the sandbox denies the command something, Codex runs it again without the sandbox. On a machine without user namespaces, such as many containers, a command always runs with all rights of the agent's account.",
  ],
};
