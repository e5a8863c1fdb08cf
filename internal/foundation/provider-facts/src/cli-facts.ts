/**
 * Facts about a provider's program, which hold whoever starts it. In a file of its own: types that both entries of this package
 * share become a chunk, and tsup 8.5.1 leaves a chunk out of the types of a published package into which they go.
 */
export type CliFacts = {
  /** Its name in messages. */
  readonly title: string;
  /** The file's name on PATH. */
  readonly file: string;
  readonly npmPackage: string;
  /** The package's name before it moved. No version under that name is tested. */
  readonly formerPackage?: string;
  /** The version to suggest if none is installed. */
  readonly npmVersion: string;
  /**
   * "recorded": it records the answer to its dialog; "on-request": the same, but only with `persist`; "at-launch": each
   * launch passes trust; "never-asked": it never asks.
   */
  readonly trust: "recorded" | "on-request" | "at-launch" | "never-asked";
  /** The oldest version that can be prepared, and the reason; null if every tested version can. */
  readonly oldest: { readonly version: string; readonly why: string } | null;
  /** First and last tested version. */
  readonly proven: { readonly from: string; readonly to: string };
  /** Folders below a home with its sign-in, its trust or its settings. */
  readonly homeFolders: readonly string[];
  /** The folder of the machine with settings that override a person's own; null if it has none. */
  readonly systemFolder: string | null;
  /** The variables that name the place of its state. */
  readonly stateVariables: readonly string[];
  /** How the names of all its variables begin. */
  readonly variables: readonly string[];
  /** The file in its working folder that it reads as instructions. */
  readonly instructionFile: "CLAUDE.md" | "AGENTS.md" | "GEMINI.md" | "QWEN.md";
  /**
   * What it reads as a command in a prompt that is typed: a slash in front, or only one without a second slash in the name; and
   * whether a word such as "exit" ends it. Null if its prompt is never typed.
   */
  readonly typed: { readonly slash: "any" | "no-path"; readonly endsByWord: boolean } | null;
};
