import type Libsql from "libsql";
import { bindable } from "./sqlite-port.ts";

/** A query that was prepared once. */
export type PreparedReader<Row> = {
  /** The first row, or undefined. */
  readonly get: (...values: readonly unknown[]) => Row | undefined;
  readonly all: (...values: readonly unknown[]) => readonly Row[];
};

/** The query on this connection. Throws what SQLite says. */
export const preparedReader = <Row>(database: Libsql.Database, sql: string): PreparedReader<Row> => {
  const statement = database.prepare(sql);
  return {
    get: (...values) => withoutMetadata<Row>(statement.get(bindable(values))),
    all: (...values) => statement.all(bindable(values)) as Row[],
  };
};

/** libsql 0.5.29 puts a `_metadata` with the duration into a row that `get` returns. */
const withoutMetadata = <Row>(row: unknown): Row | undefined => {
  if (typeof row === "object" && row !== null) Reflect.deleteProperty(row, "_metadata");
  return row as Row | undefined;
};
