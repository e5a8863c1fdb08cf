import type { DriveBlockedCode } from "@trust/dialog-engine";
import type { Grant } from "./grants/grant.ts";
import type { Launch } from "./launch.ts";
import type { Code } from "./statuses.ts";

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
  | { readonly code: "home-not-persistable" | "root-refused"; readonly key: string }
  | {
      readonly code: "key-outside-folder";
      /** The key that the CLI would record, if known. */
      readonly key: string | null;
      /** A sentence: why this key does not belong to the folder. */
      readonly why: string;
      /** The folder is no longer the planned one. */
      readonly isReplaced?: true;
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
  | { readonly code: "state-unreadable"; readonly file: string; readonly why: string }
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

/** Fails to compile if a code has no verdict. */
export type EveryCodeHasAVerdict = Code extends Verdict["code"] ? true : never;
