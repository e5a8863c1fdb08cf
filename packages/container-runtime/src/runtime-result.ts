export type RuntimeResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: RuntimeError };

export type RuntimeError = {
  /** `killed`: a signal ended the process before its program began. Nothing is wrong with the spec. */
  readonly code:
    | "spawn-failed"
    | "killed"
    | "runtime-unavailable"
    | "mount-missing"
    | "files-refused"
    | "unsupported"
    | "record-unwritable";
  readonly message: string;
  readonly fix?: string;
};
