/** The reason why a database file cannot be used. `detail` is SQLite's message. */
export type SqliteOpenError =
  | { readonly code: "database-unusable"; readonly file: string; readonly detail: string }
  | { readonly code: "not-a-database"; readonly file: string };
