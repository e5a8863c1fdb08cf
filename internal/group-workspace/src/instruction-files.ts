/** The files in a group's folder that agents read by themselves. */
export const instructionFiles = ["CLAUDE.md", "AGENTS.md", "GEMINI.md", "QWEN.md"] as const;

export type InstructionFile = (typeof instructionFiles)[number];

const ofProvider: Readonly<Record<string, InstructionFile>> = {
  claude: "CLAUDE.md",
  gemini: "GEMINI.md",
  qwen: "QWEN.md",
  // Codex, Copilot, Kimi, OpenCode and pi agreed on one name.
  codex: "AGENTS.md",
  copilot: "AGENTS.md",
  kimi: "AGENTS.md",
  opencode: "AGENTS.md",
  pi: "AGENTS.md",
};

/** The file that this provider's CLI reads. CLAUDE.md for one that reads none, such as `echo`. */
export const instructionFileOf = (provider: string): InstructionFile => ofProvider[provider] ?? "CLAUDE.md";

export const isInstructionFile = (name: string): name is InstructionFile =>
  instructionFiles.some((file) => file === name);
