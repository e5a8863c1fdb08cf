import { findCommand, type Signature } from "@nc/cli-scope";

/**
 * Whether a frame's command only reads, and is open: it changes nothing, is held for nobody, and may run twice.
 * Anything that is not a valid frame is not a read.
 */
export const isOpenRead = (commands: readonly Signature[], frame: unknown): boolean => {
  if (typeof frame !== "object" || frame === null) return false;
  const { command } = frame as { readonly command?: unknown };
  if (typeof command !== "string") return false;
  const found = findCommand(commands, command);
  return found.ok && found.value.command.effect === "read" && found.value.command.access === "open";
};
