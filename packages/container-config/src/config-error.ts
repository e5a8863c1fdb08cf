/** A problem with one value. It does not hold the value, which may be a secret. */
export type ConfigProblem = {
  /** `model`, `mcp_servers.notes.env`. */
  readonly path: string;
  /** Continues the path: "is not one of ...". */
  readonly problem: string;
};

export type InvalidConfig = { readonly code: "invalid-config"; readonly problems: readonly ConfigProblem[] };

/** A row that was changed by hand, or partly restored. `problems` name its columns. */
export type UnreadableConfig = {
  readonly code: "unreadable-configuration";
  readonly groupId: string;
  readonly problems: readonly ConfigProblem[];
};

/** The reason why a file of a group was not written. `detail` is the system's code. */
export type GroupFileError =
  | { readonly code: "not-a-group-folder"; readonly folder: string; readonly detail: string }
  | { readonly code: "file-unwritable"; readonly file: string; readonly detail: string }
  /** Another host has taken the container over. Nothing was renamed. */
  | { readonly code: "taken-over"; readonly file: string };

/** The reason why a database file cannot be used. `detail` is SQLite's message. */
export type SqliteOpenError =
  | { readonly code: "database-unusable"; readonly file: string; readonly detail: string }
  | { readonly code: "not-a-database"; readonly file: string };
