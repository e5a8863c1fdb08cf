/**
 * One request: a line of JSON. `command` is the words joined by dashes, followed by an id if there is one.
 */
export type RequestFrame = {
  readonly id: string;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
};

/** The codes of an error frame. The wire protocol fixes these names. */
export type ErrorCode =
  | "unknown-command"
  | "invalid-args"
  | "permission-denied"
  | "forbidden"
  | "approval-pending"
  | "not-found"
  | "handler-error"
  | "transport-error";

/**
 * The content of an error frame. `approvalId` is present with `approval-pending`, `usage` with `invalid-args`
 * of a command that the caller may run.
 */
export type ErrorBody = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly approvalId?: string;
  readonly usage?: string;
};

/** The answer to one request. `human` is text for a terminal, for data that a table cannot show well. */
export type ResponseFrame =
  | {
      readonly id: string;
      readonly ok: true;
      readonly data: unknown;
      readonly human?: string;
      readonly warnings?: readonly string[];
    }
  | { readonly id: string; readonly ok: false; readonly error: ErrorBody };
