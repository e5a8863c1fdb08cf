import type { Grant as ClaudeGrant } from "@trust/claude-state-probe";

/** One thing that a folder's own files switch on once the folder is trusted: a name and a file, never a value. */
export type Grant = Omit<ClaudeGrant, "kind"> & {
  /** A `setting` is a top-level key of a provider's own project configuration. */
  readonly kind: ClaudeGrant["kind"] | "setting";
};
