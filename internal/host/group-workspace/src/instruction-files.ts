/** The files in a group's folder that CLIs of agents read at their start. */
export const instructionFiles = ["CLAUDE.md", "AGENTS.md", "GEMINI.md", "QWEN.md"] as const;

type InstructionFile = (typeof instructionFiles)[number];

const ofProvider: ReadonlyMap<string, InstructionFile> = new Map([
  ["claude", "CLAUDE.md"],
  ["gemini", "GEMINI.md"],
  ["qwen", "QWEN.md"],
  // Codex, Copilot, Kimi, OpenCode and pi use the same name.
  ["codex", "AGENTS.md"],
  ["copilot", "AGENTS.md"],
  ["kimi", "AGENTS.md"],
  ["opencode", "AGENTS.md"],
  ["pi", "AGENTS.md"],
]);

/** Returns the file that a provider's CLI reads; CLAUDE.md for providers that read no file, such as `echo`. */
export const instructionFileOf = (provider: string): InstructionFile => {
  const own = provider.startsWith("own:");
  // An agent that nobody here has seen most likely reads AGENTS.md.
  return ofProvider.get(provider.replace(/^own:/, "")) ?? (own ? "AGENTS.md" : "CLAUDE.md");
};

export const isInstructionFile = (name: string): name is InstructionFile =>
  instructionFiles.some((file) => file === name);
