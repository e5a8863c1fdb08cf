import type { Verdict } from "../verdict.ts";
import type { Explanation, Place, VerdictOf } from "./explanation.ts";
import { explainNotProven } from "./not-proven.ts";
import { explainNotStarted } from "./not-started.ts";
import { explainPerson } from "./person.ts";
import { explainRefused } from "./refused.ts";

export type { Explanation, Place } from "./explanation.ts";

/**
 * Writes all text about results: what happened, to which folder, and what to do. Names fields of the request in
 * `this form`.
 */
export const explain = (verdict: Verdict, place: Place): Explanation => {
  switch (verdict.code) {
    case "trusted":
    case "already-trusted-after-wait":
    case "already-trusted":
    case "covered-by-parent":
    case "not-asked":
    case "not-needed":
    case "passed-at-launch":
      return explainTrusted(verdict, place);
    case "sign-in-needed":
    case "no-connection":
    case "unknown-dialog":
    case "screen-reader-dialog":
    case "consent-needed":
      return explainPerson(verdict, place);
    case "untrusted-by-user":
    case "home-not-persistable":
    case "root-refused":
    case "key-outside-folder":
    case "not-a-folder":
    case "grants-refused":
      return explainRefused(verdict, place);
    case "cli-not-found":
    case "cli-too-old":
    case "version-not-proven":
    case "pty-unavailable":
    case "lock-timeout":
    case "state-unreadable":
      return explainNotStarted(verdict, place);
    case "timeout":
    case "trust-not-persisted":
    case "trust-wider-than-planned":
    case "control-unavailable":
    case "not-asked-unproven":
    case "cli-exited":
    case "cancelled":
      return explainNotProven(verdict, place);
  }
};

type Trusted = VerdictOf<
  | "trusted"
  | "already-trusted-after-wait"
  | "already-trusted"
  | "covered-by-parent"
  | "not-asked"
  | "not-needed"
  | "passed-at-launch"
>;

/** The folder is trusted, or needs no trust. */
const explainTrusted = (verdict: Trusted, { cli }: Place): Explanation => {
  const { title } = cli;
  switch (verdict.code) {
    case "trusted":
      return { message: `${title} trusts ${verdict.key}.` };
    case "already-trusted-after-wait":
      return { message: `${title} trusts ${verdict.key}: another process confirmed it meanwhile.` };
    case "already-trusted":
    case "covered-by-parent":
    case "not-asked":
      return { message: verdict.why };
    case "not-needed":
      return { message: `${title} asks for trust in no folder.` };
    case "passed-at-launch":
      return {
        message: `Start ${title} with this launch: it says that ${verdict.key} is trusted. Nothing is recorded, so every start needs it.`,
      };
  }
};
