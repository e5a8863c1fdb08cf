/** The reason for the answer of a probe. */
export type TrustCode =
  // trusted
  | "own-key"
  | "git-root-key"
  | "main-root-key"
  | "covered-by-parent"
  // untrusted
  | "no-state-file"
  | "no-key"
  | "home-not-persisted"
  | "parent-stops-at-git-root"
  | "permissions-need-own-key"
  | "only-symlink-key"
  | "key-spelled-otherwise"
  // unknown
  | "persisted-trust-ignored"
  | "state-unreadable"
  | "pointer-unreadable"
  | "not-a-folder";

/** `trusted` means that Claude Code would start in the folder without asking for trust. */
export type TrustProbe = {
  readonly state: "trusted" | "untrusted" | "unknown";
  readonly code: TrustCode;
  /**
   * If trusted, the key that gives the trust. Otherwise the key that Claude Code would write, `null` if it
   * writes none.
   */
  readonly key: string | null;
  /** Path of Claude's state file, absolute unless the environment names it otherwise (`state-unreadable`). */
  readonly file: string;
  /** A sentence for a person, and a second one if the key is not confirmed as the folder's own repository. */
  readonly why: string;
};

/**
 * The details for a sentence: `nearest` is the key that misleads, `detail` the system's message, `fix` what to do in
 * place of the usual.
 */
export type TrustCause = {
  readonly key: string | null;
  readonly nearest?: string;
  readonly detail?: string;
  readonly fix?: string;
};

/** The sentence for each code. */
export const explain = (code: TrustCode, { key, nearest, detail, fix }: TrustCause): string => {
  switch (code) {
    case "own-key":
      return `${key} itself is trusted.`;
    case "git-root-key":
      return `${key}, the root of the folder's git repository, is trusted.`;
    case "main-root-key":
      return `${key}, the main checkout of the folder's worktree, is trusted.`;
    case "covered-by-parent":
      return `${key}, a folder above it, is trusted.`;
    case "no-state-file":
      return "Claude Code has no state file yet: start it once and set it up.";
    case "no-key":
      return `Nothing is recorded that covers the folder: accept trust for ${key} once.`;
    case "home-not-persisted":
      return "Claude Code never records trust for the home folder: name a folder below it.";
    case "parent-stops-at-git-root":
      return `${nearest} is trusted, but that does not reach into the git repository below it: accept trust for ${key}.`;
    case "permissions-need-own-key":
      return `${nearest} is trusted, but the folder's settings pre-approve permissions, which Claude Code asks about until ${key} itself is trusted.`;
    case "only-symlink-key":
      return `${nearest} is trusted, but it leads through a symlink and only the real path counts: accept trust for ${key}.`;
    case "key-spelled-otherwise":
      return `${nearest} is trusted, but Claude Code compares keys letter by letter: accept trust for ${key}.`;
    case "persisted-trust-ignored":
      return "CLAUDE_CODE_IGNORE_PERSISTED_TRUST is set, so what Claude Code has recorded does not count: unset it.";
    case "state-unreadable":
      return `Claude Code's state file could not be read (${detail}): ${fix ?? "repair or restore it"}.`;
    case "pointer-unreadable":
      return `It is not known which key speaks for the folder: ${detail}`;
    case "not-a-folder":
      return `There is no such folder (${detail}): create it first.`;
  }
};

/** The probe if no answer could be determined. */
export const unknownProbe = (
  code: "state-unreadable" | "not-a-folder",
  file: string,
  cause: TrustCause,
): TrustProbe => ({ state: "unknown", code, key: cause.key, file, why: explain(code, cause) });
