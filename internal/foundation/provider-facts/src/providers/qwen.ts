import type { AgentFacts } from "../agent-facts.ts";
import type { CliFacts } from "../cli-facts.ts";

export const qwenCli: CliFacts = {
  title: "Qwen Code",
  file: "qwen",
  npmPackage: "@qwen-code/qwen-code",
  npmVersion: "0.24.4",
  trust: "on-request",
  oldest: null,
  proven: { from: "0.15.10", to: "0.24.4" },
  homeFolders: [".qwen"],
  systemFolder: "/etc/qwen-code",
  stateVariables: ["QWEN_HOME", "QWEN_CODE_TRUSTED_FOLDERS_PATH"],
  variables: ["QWEN_", "DASHSCOPE_"],
  instructionFile: "QWEN.md",
  typed: { slash: "any", endsByWord: true },
};

export const qwenAgent: AgentFacts = {
  applies: ["model"],
  vendor: "anthropic",
  oldest: null,
  fetchedMegabytes: null,
  notes: [
    "Qwen Code needs the name of a model: without one it asks for coder-model, which Anthropic does not know.",
    "Qwen Code gets no MCP servers, and not the tools of the host: it sends no messages and files while it works.",
  ],
};
