import type { Provider } from "./request.ts";
import type { KeyDoubt } from "@trust/claude-state-probe";
import type { DriveBlockedCode } from "@trust/dialog-engine";
import type { Grant } from "./grants.ts";

/**
 * Every code of a result, with its status and its exit code. 0 done, 1 refused or failed, 3 a person is
 * needed, 130 interrupted.
 */
export const codes = {
  trusted: { status: "trusted", exit: 0 },
  "already-trusted": { status: "already-trusted", exit: 0 },
  "already-trusted-after-wait": { status: "already-trusted", exit: 0 },
  "covered-by-parent": { status: "already-trusted", exit: 0 },
  "not-needed": { status: "not-needed", exit: 0 },
  "passed-at-launch": { status: "not-needed", exit: 0 },
  "not-asked": { status: "not-needed", exit: 0 },

  "version-not-proven": { status: "unknown", exit: 3 },

  "sign-in-needed": { status: "blocked", exit: 3 },
  "no-connection": { status: "blocked", exit: 3 },
  "unknown-dialog": { status: "blocked", exit: 3 },
  "consent-needed": { status: "blocked", exit: 3 },
  "screen-reader-dialog": { status: "blocked", exit: 3 },

  "home-not-persistable": { status: "blocked", exit: 1 },
  "root-refused": { status: "blocked", exit: 1 },
  "not-a-folder": { status: "blocked", exit: 1 },
  "untrusted-by-user": { status: "blocked", exit: 1 },
  "grants-refused": { status: "blocked", exit: 1 },
  "key-outside-folder": { status: "blocked", exit: 1 },

  "cli-not-found": { status: "failed", exit: 1 },
  "cli-too-old": { status: "failed", exit: 1 },
  "pty-unavailable": { status: "failed", exit: 1 },
  timeout: { status: "failed", exit: 1 },
  "lock-timeout": { status: "failed", exit: 1 },
  "trust-not-persisted": { status: "failed", exit: 1 },
  "trust-wider-than-planned": { status: "failed", exit: 1 },
  "control-unavailable": { status: "failed", exit: 1 },
  "not-asked-unproven": { status: "failed", exit: 1 },
  "state-unreadable": { status: "failed", exit: 1 },
  "cli-exited": { status: "failed", exit: 1 },

  cancelled: { status: "cancelled", exit: 130 },
} as const;

export type Code = keyof typeof codes;
export type Status = (typeof codes)[Code]["status"];

/** Trust that is passed to a CLI when it starts, for that launch only. Nothing is written to disk. */
export type Launch = {
  /** Inline JSON for the `--settings` of a runtime that starts the CLI; null without such a contract. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** For the CLI's own argv. The arguments of several folders cannot be joined: see `PreflightReport.launch`. */
  readonly args: readonly string[];
  /** Environment variables that the launch needs, with their values. */
  readonly env: Readonly<Record<string, string>>;
};

/** By provider, one launch for all its folders. */
export type Launches = { readonly [P in Provider]?: Launch };

/** A `.git` with nothing in it, in a folder above. */
export type EmptyGit = Pick<Extract<KeyDoubt, { code: "empty-git" }>, "place" | "kind">;

/** The verdict about a folder, with the facts for its message. `explain` turns it into text for people. */
export type Verdict =
  | { readonly code: "trusted" | "already-trusted-after-wait"; readonly key: string }
  | { readonly code: "already-trusted" | "covered-by-parent" | "not-asked"; readonly why: string }
  | { readonly code: "not-needed" }
  | {
      readonly code: "version-not-proven";
      /** A sentence. */
      readonly why: string;
    }
  | { readonly code: "passed-at-launch"; readonly key: string; readonly launch: Launch }
  | { readonly code: "untrusted-by-user"; readonly key: string; readonly file: string }
  | { readonly code: DriveBlockedCode; readonly dialog: string; readonly consent?: string }
  | {
      readonly code: "home-not-persistable" | "root-refused";
      readonly key: string;
      /** The empty `.git` that makes it the key. */
      readonly emptyGit?: EmptyGit;
    }
  | {
      readonly code: "key-outside-folder";
      /** The key that the CLI would record, if known. */
      readonly key: string | null;
      /** A sentence: why this key does not belong to the folder. */
      readonly why: string;
      /** The folder is no longer the planned one. */
      readonly isReplaced?: true;
      readonly emptyGit?: EmptyGit;
    }
  | { readonly code: "not-a-folder"; readonly detail: string }
  | { readonly code: "grants-refused"; readonly grants: readonly Grant[] }
  | { readonly code: "cli-not-found"; readonly looked: string }
  | { readonly code: "cli-too-old"; readonly version: string }
  | { readonly code: "pty-unavailable"; readonly detail: string }
  | { readonly code: "timeout"; readonly limit: "phase" | "total" | "batch"; readonly timeoutMs: number }
  | {
      readonly code: "lock-timeout";
      /** The state file that another process was committing to. */
      readonly file: string;
      readonly holder: string | null;
      readonly waitedMs: number;
    }
  | { readonly code: "trust-not-persisted"; readonly reason: NotPersisted; readonly file: string }
  | {
      readonly code: "trust-wider-than-planned";
      /** The key that was to be recorded. */
      readonly planned: string;
      /** The keys that appeared beside it, or instead of it, while this folder was confirmed. */
      readonly keys: readonly string[];
      readonly file: string;
    }
  | { readonly code: "not-asked-unproven"; readonly key: string; readonly file: string }
  | {
      readonly code: "control-unavailable";
      /** A sentence. */
      readonly why: string;
    }
  | {
      readonly code: "state-unreadable";
      readonly file: string;
      readonly why: string;
      /** The variable that names the file or its folder, if that is what has to be changed. */
      readonly variable?: string;
    }
  | { readonly code: "cli-exited"; readonly exitCode: number; readonly signal?: number }
  | { readonly code: "cancelled" };

/** Why an answer is not in the CLI's state, or why no answer was given. */
export type NotPersisted =
  /** Enter was accepted, but the state never showed the trust. */
  | { readonly type: "not-written" }
  /** It was on disk, and another process's write removed it each time we repeated it. */
  | { readonly type: "lost"; readonly times: number }
  /** The CLI could not have written it; nothing was started. */
  | { readonly type: "state-not-writable"; readonly detail: string }
  /** The CLI's arguments cannot express this path. */
  | { readonly type: "not-passable"; readonly detail: string }
  | { readonly type: "not-repeatable"; readonly detail: string }
  /** The entry at our own lock's path is not ours; nothing was confirmed. */
  | { readonly type: "lock-unsafe"; readonly detail: string }
  /** Our own ledger, or the temporary folder, could not be written first; nothing was confirmed. */
  | { readonly type: "ledger-not-writable" | "temp-not-writable"; readonly detail: string };
