import Libsql from "libsql";

/** A value of a row. libsql ends the process on a boolean, so there is none. */
export type Value = string | number | null;

/** An open SQLite file, inside one transaction. */
export type Connection = {
  readonly file: string;
  readonly all: <Row>(sql: string, ...values: readonly Value[]) => readonly Row[];
  /** Gives the number of rows that it changed. */
  readonly run: (sql: string, ...values: readonly Value[]) => number;
  readonly exec: (sql: string) => void;
  readonly inTransaction: () => boolean;
  readonly close: () => void;
};

/**
 * Opens the file; it is made where it is missing. A DELETE journal and no mapped memory, since two machines or
 * a machine and its container may see one file. The busy timeout is 0: SQLite's own would block the process.
 */
export const connect = (file: string): Connection => {
  const database = new Libsql(file);
  try {
    database.exec(
      "pragma busy_timeout = 0; pragma mmap_size = 0; pragma trusted_schema = off; pragma synchronous = full",
    );
    database.exec("pragma journal_mode = delete");
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, Libsql.Statement>();
  const prepared = (sql: string): Libsql.Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    file,
    all: <Row>(sql: string, ...values: readonly Value[]) =>
      prepared(sql).all(values.map(bound)) as readonly Row[],
    run: (sql, ...values) => prepared(sql).run(values.map(bound)).changes,
    exec: (sql) => database.exec(sql),
    inTransaction: () => database.inTransaction,
    close: () => {
      // A file is closed when its statements are collected.
      statements.clear();
      database.close();
    },
  };
};

/** libsql 0.5.29 cuts a text off at its first NUL. */
const bound = (value: Value): Value => (typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value);
