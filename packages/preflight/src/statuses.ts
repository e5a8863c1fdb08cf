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
