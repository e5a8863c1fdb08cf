import type { Grant as ClaudeGrant } from "@trust/claude-state-probe";

/**
 * One feature that a folder's own files enable once the folder is trusted: a name and a file, never a value.
 */
export type Grant = Omit<ClaudeGrant, "kind"> & {
  /** A `setting` is a top-level key of a provider's project configuration. */
  readonly kind: ClaudeGrant["kind"] | "setting";
};
