import type { NotTheirs, RootByGroups } from "../account/account.ts";
import type { LoadError } from "../users-file/users-problem.ts";
import type { Removes } from "./journal.ts";
import type { PlanRefusal } from "./plan.ts";
import type { RemovalRefusal } from "./plan-removal.ts";
import type { Step } from "./plan-steps.ts";
import type { FileError, JournalError } from "../ports.ts";
import type { SudoersRefused } from "../account/sudoers.ts";

/** The account database did not answer, so it is unknown whether an account exists. */
export type LookupFailed = {
  readonly code: "lookup-failed";
  readonly command: string;
  readonly said: string;
};

/** A fact that the plan needs could not be read from the machine. */
export type FactsError =
  | LoadError
  | FileError
  | LookupFailed
  | SudoersRefused
  | { readonly code: "unknown-service"; readonly service: string | number }
  | { readonly code: "symlink-refused"; readonly path: string };

/**
 * The account cannot use one of its directories. `closed` is the first directory on the way that it may not
 * enter, according to the permission bits.
 */
export type NotUsable = {
  readonly code: "not-usable";
  readonly account: string;
  readonly directory: string;
  readonly action: "write" | "read" | "remove";
  readonly closed: string | null;
  readonly said: string;
};

/** Why a step failed. */
export type StepFailure =
  | FileError
  | NotUsable
  | { readonly code: "command-failed"; readonly command: string; readonly said: string }
  | { readonly code: "sudoers-differs"; readonly path: string }
  | { readonly code: "sudoers-invalid"; readonly path: string; readonly said: string }
  | { readonly code: "reads-back-differently"; readonly path: string }
  | { readonly code: "users-file-changed"; readonly path: string };

export type ApplyError = { readonly step: Step; readonly cause: StepFailure };

/**
 * How an interrupted or failed run ended. `left` are paths that stay, because they hold files that the run
 * did not write.
 */
export type Recovered = {
  readonly outcome: "finished" | "undone";
  readonly left: readonly string[];
  /** The user that the run was removing; null if it was adding one. */
  readonly removes: Removes | null;
};

export type PrepareError =
  | FactsError
  | { readonly code: "refused"; readonly refusals: readonly PlanRefusal[] };

/** Another process or person changed `path` since the plan was made. No step was begun. */
export type ChangedMeanwhile = { readonly code: "changed-meanwhile"; readonly path: string };

export type AddError = PrepareError | ChangeError;

export type PrepareRemovalError =
  | FactsError
  | { readonly code: "refused"; readonly refusals: readonly RemovalRefusal[] };

export type RemoveError = PrepareRemovalError | ChangeError;

/** Why a prepared change was not made. */
export type ChangeError =
  | JournalError
  /** An interrupted run could be neither finished nor undone; the next run tries again. */
  | { readonly code: "recovery-failed"; readonly path: string; readonly cause: StepFailure }
  | { readonly code: "root-needed"; readonly uid: number }
  | ChangedMeanwhile
  /** `undone` is null if the undo failed too; the next run continues it. */
  | (ApplyError & { readonly code: "step-failed"; readonly undone: Recovered | null });

/** Why an agent that runs as a process of the account cannot keep its files in the account's home. */
export type HomeProblem =
  | { readonly code: "home-missing"; readonly account: string; readonly home: string }
  /** `isOwn`: the home belongs to the account, so its mode is what is wrong. */
  | {
      readonly code: "home-read-only";
      readonly account: string;
      readonly home: string;
      readonly isOwn: boolean;
    }
  | { readonly code: "closed-directory"; readonly path: string; readonly account: string }
  | { readonly code: "symlink-refused" | "not-a-directory"; readonly path: string }
  | NotTheirs;

/** A problem that does not keep a person from being added, but may keep their first message from working. */
export type Warning =
  | HomeProblem
  | { readonly code: "never-signed-in"; readonly account: string; readonly file: string }
  | RootByGroups
  | { readonly code: "no-admin" };
