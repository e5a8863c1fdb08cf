import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const copilotCli: CliFacts = {
  title: "Copilot CLI",
  file: "copilot",
  npmPackage: "@github/copilot",
  npmVersion: "1.0.102",
  trust: "on-request",
  oldest: null,
  proven: { from: "1.0.102", to: "1.0.102" },
  homeFolders: [".copilot"],
  systemFolder: null,
  stateVariables: ["COPILOT_HOME"],
  variables: ["COPILOT_", "GITHUB_COPILOT_"],
  instructionFile: "AGENTS.md",
  typed: { slash: "any", endsByWord: true },
};

export const copilotAgent: AgentFacts = {
  applies: ["model", "mcp_servers"],
  vendor: "anthropic",
  oldest: null,
  fetchedMegabytes: null,
  notes: [
    "Copilot asks for claude-sonnet-4-6 without the name of a model.",
    "Copilot gets only MCP servers with an address, and not the tools of the host: it sends no messages and files while it works.",
  ],
};
