import type { LoadError } from "../users-file/load-error.ts";
import type { PlanRefusal } from "./plan.ts";
import type { Step } from "./plan-steps.ts";
import type { FileError, JournalError } from "../ports.ts";
import type { SudoersRefused } from "../account/sudoers.ts";

/** The account database gave no answer: neither that an account is there nor that it is not. */
export type LookupFailed = {
  readonly code: "lookup-failed";
  readonly command: string;
  readonly said: string;
};

/** Why nothing could be planned: the machine did not tell what has to be known. */
export type FactsError =
  | LoadError
  | FileError
  | LookupFailed
  | SudoersRefused
  | { readonly code: "unknown-service"; readonly service: string | number }
  | { readonly code: "symlink-refused"; readonly path: string };

/** The account cannot use one of its directories. `closed`: the first one on the way that it may not pass, as far as permission bits say. */
export type NotUsable = {
  readonly code: "not-usable";
  readonly account: string;
  readonly directory: string;
  readonly action: "write" | "read" | "remove";
  readonly closed: string | null;
  readonly said: string;
};

/** Why a step did not come about. */
export type StepFailure =
  | FileError
  | NotUsable
  | { readonly code: "command-failed"; readonly command: string; readonly said: string }
  | { readonly code: "sudoers-invalid"; readonly path: string; readonly said: string }
  | { readonly code: "reads-back-differently"; readonly path: string }
  | { readonly code: "users-file-changed"; readonly path: string };

export type ApplyError = { readonly step: Step; readonly cause: StepFailure };

/** How an interrupted or failed run was brought to an end. `left` are paths that somebody else has put something into. */
export type Recovered = { readonly outcome: "finished" | "undone"; readonly left: readonly string[] };

export type PrepareError =
  FactsError | { readonly code: "refused"; readonly refusals: readonly PlanRefusal[] };

/** Something stands otherwise than when the plan was made. Nothing was begun. */
export type ChangedMeanwhile = { readonly code: "changed-meanwhile"; readonly path: string };

export type AddError =
  | PrepareError
  | JournalError
  | { readonly code: "root-needed"; readonly uid: number }
  | ChangedMeanwhile
  /** `undone` is null where the way back failed too: the next run takes it up again. */
  | (ApplyError & { readonly code: "step-failed"; readonly undone: Recovered | null });

/** Nothing that keeps a person from being added, but something that may keep their first message from working. */
export type Warning =
  | { readonly code: "home-missing"; readonly account: string; readonly home: string }
  | { readonly code: "never-signed-in"; readonly account: string; readonly file: string }
  | { readonly code: "no-admin" };
