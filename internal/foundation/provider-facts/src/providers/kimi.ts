import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const kimiCli: CliFacts = {
  title: "Kimi Code",
  file: "kimi",
  npmPackage: "@moonshot-ai/kimi-code",
  npmVersion: "2.1.0",
  trust: "on-request",
  oldest: null,
  proven: { from: "2.1.0", to: "2.1.0" },
  homeFolders: [".kimi-code", ".kimi"],
  systemFolder: null,
  stateVariables: ["KIMI_CODE_HOME"],
  variables: ["KIMI_"],
  instructionFile: "AGENTS.md",
  typed: { slash: "any", endsByWord: false },
};

export const kimiAgent: AgentFacts = {
  applies: ["model", "mcp_servers"],
  vendor: "anthropic",
  oldest: null,
  fetchedMegabytes: null,
  notes: [
    "Kimi Code needs the name of a model: without one it asks for kimi-for-coding, which Anthropic does not know.",
  ],
};
