import type { ConsentKind, Terminal } from "@trust/dialog-engine";
import type { Result } from "@gatehouse/std";
import type { PreflightResult, reportVersion } from "./report.ts";
import type { Provider } from "./request.ts";

/** A step of one folder, for a person to read. */
export type PreflightProgress = {
  readonly workspace: string;
  readonly provider: Provider;
  readonly step: "starting" | "asked" | "waiting" | "confirming" | "settling" | "repeating" | "done";
  readonly text: string;
};

/** An event of a running batch; with the report it is described by `schema.json`. */
export type PreflightEvent =
  | ({ readonly version: typeof reportVersion; readonly type: "step" } & PreflightProgress)
  /** A folder's result is final. It is sent once, never changes, and is repeated in the report. See docs/trust.md. */
  | {
      readonly version: typeof reportVersion;
      readonly type: "result";
      readonly result: PreflightResult;
    };

/** A dialog on a CLI's screen that lacks a consent. Its texts are redacted. */
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

/** Starts a program in a pseudo terminal, as the leader of its own process group, like `@trust/dialog-engine/node`. */
export type OpenPty = (options: {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}) => Promise<Result<Terminal, { readonly message: string }>>;

export type Watch = {
  /** Aborting ends our own processes, releases the locks, and makes every open folder `cancelled`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: PreflightEvent) => void;
  /**
   * Resolves with one of the question's `answers`, or with null for `consent-needed`. The answer is for this dialog only,
   * and is used only while the dialog is on the screen. Each running CLI may have an open question. The time counts for
   * `deadlineMs`, not for `timeoutMs`. `signal` aborts a question that no longer matters. A rejection counts as no
   * consent.
   */
  readonly onQuestion?: (question: Question, signal: AbortSignal) => Promise<string | null>;
  /** Opens pseudo terminals, for a caller that has its own. Default: node-pty. */
  readonly openPty?: OpenPty;
};
