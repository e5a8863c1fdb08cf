import type { CliFacts } from "../cli-facts.ts";

export const piCli: CliFacts = {
  title: "pi",
  file: "pi",
  npmPackage: "@earendil-works/pi-coding-agent",
  formerPackage: "@mariozechner/pi-coding-agent",
  npmVersion: "0.87.1",
  trust: "at-launch",
  oldest: null,
  proven: { from: "0.78.1", to: "1.5.2" },
  homeFolders: [".pi"],
  systemFolder: null,
  stateVariables: ["PI_CODING_AGENT_DIR"],
  variables: ["PI_CODING_AGENT_"],
  instructionFile: "AGENTS.md",
  typed: { slash: "any", endsByWord: true },
};
