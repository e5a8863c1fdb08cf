import { cliFacts, type CliFacts, type Provider } from "@gatehouse/provider-facts";

type InstructionFile = CliFacts["instructionFile"];

/** The files in a group's folder that CLIs of agents read at their start. */
export const instructionFiles: readonly InstructionFile[] = [
  ...new Set(Object.values(cliFacts).map(({ instructionFile }) => instructionFile)),
];

/**
 * Returns the file that a provider's CLI reads; CLAUDE.md for providers that read no file, such as `echo`. An agent of the
 * operator most likely reads AGENTS.md, if it is not known by its name.
 */
export const instructionFileOf = (provider: string): InstructionFile => {
  const name = provider.replace(/^own:/, "");
  if (Object.hasOwn(cliFacts, name)) return cliFacts[name as Provider].instructionFile;
  return name === provider ? "CLAUDE.md" : "AGENTS.md";
};

export const isInstructionFile = (name: string): name is InstructionFile =>
  instructionFiles.some((file) => file === name);
