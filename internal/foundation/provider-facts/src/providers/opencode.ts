import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const opencodeCli: CliFacts = {
  title: "OpenCode",
  file: "opencode",
  npmPackage: "opencode-ai",
  npmVersion: "1.18.33",
  trust: "never-asked",
  oldest: null,
  proven: { from: "1.18.33", to: "1.18.33" },
  homeFolders: [".local/share/opencode", ".config/opencode"],
  systemFolder: "/etc/opencode",
  stateVariables: [],
  variables: ["OPENCODE"],
  instructionFile: "AGENTS.md",
  typed: null,
};

export const opencodeAgent: AgentFacts = {
  applies: ["model", "mcp_servers"],
  vendor: "anthropic",
  oldest: null,
  fetchedMegabytes: null,
  notes: [],
};
