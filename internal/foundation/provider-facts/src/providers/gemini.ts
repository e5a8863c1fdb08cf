import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const geminiCli: CliFacts = {
  title: "Gemini CLI",
  file: "gemini",
  npmPackage: "@google/gemini-cli",
  npmVersion: "0.61.0",
  trust: "at-launch",
  oldest: { version: "0.39.1", why: "it cannot be told at launch" },
  proven: { from: "0.61.0", to: "0.61.0" },
  homeFolders: [".gemini"],
  systemFolder: "/etc/gemini-cli",
  stateVariables: ["GEMINI_CLI_HOME", "GEMINI_CLI_TRUSTED_FOLDERS_PATH"],
  variables: ["GEMINI_", "GOOGLE_"],
  instructionFile: "GEMINI.md",
  typed: { slash: "any", endsByWord: true },
};

export const geminiAgent: AgentFacts = {
  applies: ["model", "mcp_servers"],
  vendor: "google",
  oldest: null,
  fetchedMegabytes: null,
  notes: ["Without the name of a model, Gemini CLI uses gemini-2.5-pro."],
};
