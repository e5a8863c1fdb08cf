/** The statements of one numbered step of a file's schema. A released step never changes. */
export type SchemaStep = readonly string[];

/** A file's schema: its steps, and the tables that it has after the last one. */
export type FileSchema = {
  readonly steps: readonly SchemaStep[];
};

/** A table in every file that holds the number of applied steps. */
export const versionTable =
  "CREATE TABLE schema_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT";

/**
 * The texts that `sqlite_schema` has after the given number of steps. SQLite keeps a statement as it was
 * written, so each begins with `CREATE TABLE`, `CREATE INDEX` or `CREATE UNIQUE INDEX` in capitals.
 */
export const schemaTexts = ({ steps }: FileSchema, version: number = steps.length): readonly string[] => [
  versionTable,
  ...steps.slice(0, version).flat(),
];
