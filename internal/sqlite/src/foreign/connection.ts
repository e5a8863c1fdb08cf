import Libsql from "libsql";
import { fail, ok, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";
import { isBusy } from "../busy.ts";
import type { Statement } from "./statements.ts";

/** A connection to a foreign file. Its calls throw SQLite's errors: `failureOf` says what they mean. */
export type Connection = {
  /** Begins to read: what is read until `end` was there at one moment. */
  readonly begin: () => void;
  readonly all: (statement: Statement) => readonly (readonly unknown[])[];
  /** Every change of the schema raises it. Only if it has changed does SQLite parse the schema again. */
  readonly schemaVersion: () => number;
  /** Ends what `begin` began, and lets go of the file. */
  readonly end: () => void;
  readonly close: () => void;
};

/**
 * No function that a schema names is called, no page is used that lies about its cells, nothing is
 * mapped into memory (a file that shrinks would end the process), nobody is waited for. SQLite's memory
 * is bounded.
 */
const caution = [
  "pragma trusted_schema = off",
  "pragma cell_size_check = on",
  "pragma mmap_size = 0",
  "pragma busy_timeout = 0",
  "pragma temp_store = memory",
  `pragma hard_heap_limit = ${64 * 1024 * 1024}`,
].join("; ");

/**
 * The look takes the lock: a prepared statement that meets a writer stays in progress (libsql 0.5.29).
 * Many files are open at once and share the limit of memory, so each has 256 kB of pages; that pragma
 * reads the schema.
 */
const beginning = "begin; select 1 from main.sqlite_schema limit 1; pragma main.cache_size = -256";

/** Opens a file by its URI. Nothing of it is read yet. */
export const connectionTo = (address: string): Result<Connection, ForeignReadError> => {
  try {
    const database = new Libsql(address);
    database.exec(caution);
    return ok(connection(database));
  } catch (error) {
    return failureOf(error);
  }
};

const connection = (database: Libsql.Database): Connection => {
  const statements = new Map<string, Libsql.Statement>();
  const all: Connection["all"] = ({ sql, values }) => {
    const statement = statements.get(sql) ?? prepared(database, sql);
    statements.set(sql, statement);
    // All rows: a statement that is left in the middle keeps its lock on the file.
    return statement.all([...values]) as unknown[][];
  };
  const end = (): void => {
    if (database.inTransaction) database.exec("rollback");
  };
  return {
    begin: () => beginWhenFree(database),
    all,
    schemaVersion: () => Number(all({ sql: "pragma main.schema_version", values: [] })[0]?.[0]),
    end,
    close: () => {
      // libsql 0.5.29 closes the file when its statements are collected. Its lock must end now.
      end();
      statements.clear();
      database.close();
    },
  };
};

const prepared = (database: Libsql.Database, sql: string): Libsql.Statement => {
  const statement = database.prepare(sql);
  statement.raw(true);
  statement.safeIntegers(true);
  return statement;
};

/**
 * The writer may be in its next commit: that takes a millisecond or two, and to be asked again takes
 * more. So for this long it is tried again, ms.
 */
const eagerMs = 1;

/** Between two tries, ms. */
const pauseMs = 0.1;

const sleeping = new Int32Array(new SharedArrayBuffer(4));

const beginWhenFree = (database: Libsql.Database): void => {
  for (const until = performance.now() + eagerMs; ;) {
    try {
      database.exec(beginning);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
    }
    if (database.inTransaction) database.exec("rollback");
    Atomics.wait(sleeping, 0, 0, pauseMs);
  }
};

const meanings: readonly (readonly [RegExp, ForeignReadError["code"]])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, "busy"],
  [/^SQLITE_NOTADB/, "not-a-database"],
  [/^SQLITE_(NOMEM|TOOBIG)/, "too-large"],
  [/^SQLITE_/, "damaged"],
];

/** Whether a killed writer left a transaction that has to be rolled back, which a reader cannot. */
export const isUnfinished = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "SQLITE_READONLY_ROLLBACK";

/** What an error of libsql means. It has no code where the file could not be opened. */
export const failureOf = (error: unknown): Result<never, ForeignReadError> => {
  if (!(error instanceof Error)) throw error;
  if (!("code" in error)) throw error;
  const code = String(error.code);
  const meaning = meanings.find(([pattern]) => pattern.test(code));
  if (meaning !== undefined) return fail({ code: meaning[1], detail: `${code}: ${error.message}` });
  if (!error.message.startsWith("ConnectionFailed")) throw error;
  return fail({ code: "missing", detail: "it cannot be opened" });
};
