import type { DriveBlockedCode } from "@trust/dialog-engine";
import type { Grant } from "./grants/grant.ts";
import type { Launch } from "./launch.ts";
import type { Code } from "./statuses.ts";

/** What became of a folder, with the facts that its sentence needs. Everything a person reads is made of it in `explain`. */
export type Verdict =
  | { readonly code: "trusted" | "already-trusted-after-wait"; readonly key: string }
  | { readonly code: "already-trusted" | "covered-by-parent" | "not-asked"; readonly why: string }
  | { readonly code: "not-needed" }
  | { readonly code: "passed-at-launch"; readonly key: string; readonly launch: Launch }
  | { readonly code: "untrusted-by-user"; readonly key: string; readonly file: string }
  | { readonly code: DriveBlockedCode; readonly dialog: string; readonly consent?: string }
  | { readonly code: "home-not-persistable" | "root-refused"; readonly key: string }
  | {
      readonly code: "key-outside-folder";
      /** What the CLI would record, where that can be told. */
      readonly key: string | null;
      /** A sentence: why this key is not the folder's own. */
      readonly why: string;
      /** The folder is not the one that was planned any more. */
      readonly isReplaced?: true;
    }
  | { readonly code: "not-a-folder"; readonly detail: string }
  | { readonly code: "grants-refused"; readonly grants: readonly Grant[] }
  | { readonly code: "cli-not-found"; readonly looked: string }
  | { readonly code: "cli-too-old"; readonly version: string }
  | { readonly code: "pty-unavailable"; readonly detail: string }
  | { readonly code: "timeout"; readonly limit: "phase" | "total"; readonly timeoutMs: number }
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
      /** What was to be recorded. */
      readonly planned: string;
      /** What appeared beside it, or in its place, while this folder was confirmed. */
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

/** Why an answer that was given, or would have been, is not in the CLI's state. */
export type NotPersisted =
  /** Enter went through and the state never said so. */
  | { readonly type: "not-written" }
  /** It was there and another process's write took it away, as often as we repeated it. */
  | { readonly type: "lost"; readonly times: number }
  /** The CLI could not have written it; nothing was started. */
  | { readonly type: "state-not-writable"; readonly detail: string }
  /** A path that the CLI's arguments cannot hold. */
  | { readonly type: "not-passable"; readonly detail: string }
  | { readonly type: "not-repeatable"; readonly detail: string }
  /** What stands where our own lock goes is not ours; nothing was confirmed. */
  | { readonly type: "lock-unsafe"; readonly detail: string }
  /** Our own ledger, or the temporary folder, could not be written first; nothing was confirmed. */
  | { readonly type: "ledger-not-writable" | "temp-not-writable"; readonly detail: string };

/** Fails to compile where a code has no verdict. */
export type EveryCodeHasAVerdict = Code extends Verdict["code"] ? true : never;
