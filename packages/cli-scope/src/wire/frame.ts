/** One request: a line of JSON. `command` is the words joined by dashes, with an id at the end if there is one. */
export type RequestFrame = {
  readonly id: string;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
};

/** The codes of an error frame. The names are the wire's own and stay. */
export type ErrorCode =
  | "unknown-command"
  | "invalid-args"
  | "permission-denied"
  | "forbidden"
  | "approval-pending"
  | "not-found"
  | "handler-error"
  | "transport-error";

/** What an error frame says. `approvalId` stands beside `approval-pending`. */
export type ErrorBody = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly approvalId?: string;
};

/** The answer to one request. `human` is text for a terminal, where a table of `data` would not do. */
export type ResponseFrame =
  | {
      readonly id: string;
      readonly ok: true;
      readonly data: unknown;
      readonly human?: string;
      readonly warnings?: readonly string[];
    }
  | { readonly id: string; readonly ok: false; readonly error: ErrorBody };
