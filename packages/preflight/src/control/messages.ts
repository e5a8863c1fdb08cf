/** One request of the control protocol that Claude Code speaks with `--input-format stream-json`. */
export type ControlRequest = {
  readonly type: "control_request";
  readonly request_id: string;
  readonly request: {
    readonly subtype: "set_cwd";
    readonly path: string;
    readonly trust_accepted?: true;
    readonly trusted_directory?: string;
  };
};

/** Asks how the CLI would treat a folder. It records nothing (measured from 2.1.200 to 2.1.329). */
export const askFolder = (id: string, path: string): ControlRequest => ({
  type: "control_request",
  request_id: id,
  request: { subtype: "set_cwd", path },
});

/** Accepts trust for a folder. `directory` pins the folder that the CLI named; the CLI refuses any other. */
export const acceptFolder = (id: string, path: string, directory: string): ControlRequest => ({
  type: "control_request",
  request_id: id,
  request: { subtype: "set_cwd", path, trust_accepted: true, trusted_directory: directory },
});
