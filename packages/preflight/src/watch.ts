import type { ConsentKind } from "@trust/dialog-engine";
import type { PreflightResult, reportVersion } from "./report.ts";
import type { PreflightProgress, Provider } from "./request.ts";

/** An event of a running batch; with the report it is described by `schema.json`. */
export type PreflightEvent =
  | ({ readonly version: typeof reportVersion; readonly type: "step" } & PreflightProgress)
  /**
   * A folder's result stands: nothing changes it any more, and the report repeats it. There is one for each
   * folder. A folder that was not started, or whose CLI got no answer, has it at once. What rests on the CLI's
   * state (`trusted`, `already-trusted`, and whatever came after an answer) has it when the provider's other
   * folders are done and that state was read again: until then another writer may take trust away, and a later
   * answer may record more than was planned. `passed-at-launch` has it at the end of the batch.
   */
  | {
      readonly version: typeof reportVersion;
      readonly type: "result";
      readonly result: PreflightResult;
    };

/** A dialog on a CLI's screen that a consent would answer, and none was given. Its texts are redacted. */
export type Question = {
  readonly workspace: string;
  readonly provider: Provider;
  /** The rule's id, as in a result. */
  readonly dialog: string;
  readonly consent: ConsentKind;
  /** The answers of this consent that the dialog offers. */
  readonly answers: readonly string[];
  /** Title and body, one line per row. */
  readonly text: string;
  /** The labels of its options, in order. */
  readonly options: readonly string[];
};

export type Watch = {
  /** Aborting ends our own processes, releases the locks, and makes every open folder `cancelled`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: PreflightEvent) => void;
  /**
   * Resolves with one of the question's `answers`, or with null for none: then the folder is `consent-needed`.
   * An answer is for this very dialog in this folder, and is used only if the dialog is still on the screen.
   * Several questions may be open, one for each running CLI. The time counts for `deadlineMs` only, not for
   * `timeoutMs`. `signal` aborts when the question no longer matters. A rejection is no consent.
   */
  readonly onQuestion?: (question: Question, signal: AbortSignal) => Promise<string | null>;
};
