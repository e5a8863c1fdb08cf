/** The reason why a file of a group was not written. `detail` is the system's code. */
export type GroupFileError =
  | { readonly code: "not-a-group-folder"; readonly folder: string; readonly detail: string }
  | { readonly code: "file-unwritable"; readonly file: string; readonly detail: string }
  /** Another host has taken the container over. Nothing was renamed. */
  | { readonly code: "taken-over"; readonly file: string };
