import type { BrokenMarkers } from "./compose-claude-md.ts";

/** The error of reading or writing a group's instructions. */
export type InstructionsError = (
  | BrokenMarkers
  /**
   * A link, a folder, a pipe or an unreadable file has the file's path. The group's agent can write in this folder, and its
   * link could lead to any file of the host.
   */
  | { readonly code: "no-plain-file" }
  /** The file is not UTF-8: reading it as text and writing it back would change it. */
  | { readonly code: "not-utf8" }
  | { readonly code: "instructions-unusable"; readonly detail: string }
) & { readonly file: string };

/** Explains why a group's instructions are not up to date, and the fix. */
export const explainInstructions = (
  error: InstructionsError,
): { readonly message: string; readonly fix: string } => {
  switch (error.code) {
    case "broken-markers":
      return {
        message: `In ${error.file} the lines "gatehouse:begin" and "gatehouse:end" are not one pair, so the host cannot tell its part from yours. The file was not changed.`,
        fix: "delete both lines, and the host's text between them",
      };
    case "no-plain-file":
      return {
        message: `${error.file} is not a plain file, so the instructions were not written.`,
        fix: "move it away",
      };
    case "not-utf8":
      return {
        message: `${error.file} is not UTF-8, so the instructions were not written: part of your text would be lost.`,
        fix: "save it as UTF-8",
      };
    case "instructions-unusable":
      return {
        message: `${error.file} could not be read or written (${error.detail}).`,
        fix: "check the disk, and the owner and rights of the folder",
      };
  }
};

/** Says that an entry was in the way of instructions, and where it is now. `aside`: its new name in the same folder. */
export const movedAside = (file: string, aside: string): string =>
  `${file} was not a plain file that the host can read, so it was renamed to ${aside}, and the instructions were written anew. Look at it, then remove it.`;
