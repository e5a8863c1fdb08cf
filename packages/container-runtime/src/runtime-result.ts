export type RuntimeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: RuntimeError };

export type RuntimeError = {
  /** `killed`: a signal ended the process before its program began. The spec itself is valid. */
  readonly code:
    | "spawn-failed"
    | "killed"
    | "runtime-unavailable"
    | "mount-missing"
    | "image-missing"
    | "build-failed"
    | "files-refused"
    | "unsupported"
    | "record-unwritable";
  readonly message: string;
  readonly fix?: string;
};

/** Sentences for a person: what happened, and the fix if there is one. */
export const explain = ({ message, fix }: RuntimeError): string =>
  fix === undefined ? message : `${message} ${fix}`;
