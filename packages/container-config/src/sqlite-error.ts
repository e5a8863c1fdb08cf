/** Why a database file is of no use. `detail` is what SQLite said. */
export type SqliteOpenError =
  | { readonly code: "database-unusable"; readonly file: string; readonly detail: string }
  | { readonly code: "not-a-database"; readonly file: string };
