import Libsql from "libsql";
import { fail, ok, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";
import { isBusy } from "../busy.ts";
import type { Statement } from "./statements.ts";

/** A connection to a foreign file. Its calls throw SQLite's errors; `failureOf` converts them. */
export type Connection = {
  /** Begins to read: all reads until `end` see the state of one moment. */
  readonly begin: () => void;
  readonly all: (statement: Statement) => readonly (readonly unknown[])[];
  /** Ends the read transaction and releases the file. */
  readonly end: () => void;
  readonly close: () => void;
};

/**
 * Safety settings: SQLite calls no function that a schema names, uses no page with wrong cells, maps nothing
 * into memory (a file that shrinks would end the process), and waits for no lock. Its memory is limited.
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
 * The select takes the lock: a prepared statement that meets a writer would stay in progress (libsql 0.5.29).
 * Many files are open at once and share the limit of memory, so each has 256 kB of pages; that pragma reads
 * the schema.
 */
const beginning = "begin; select 1 from main.sqlite_schema limit 1; pragma main.cache_size = -256";

/** Opens a file by its URI, without reading it. */
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
    // Reads all rows: a statement that is left unfinished keeps its lock on the file.
    return statement.all([...values]) as unknown[][];
  };
  const end = (): void => {
    if (database.inTransaction) database.exec("rollback");
  };
  return {
    begin: () => beginWhenFree(database),
    all,
    end,
    close: () => {
      // libsql 0.5.29 closes the file when its statements are collected. Its lock must be released now.
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
 * How long to retry, ms. The writer may be in its next commit, which takes a millisecond or two; a new
 * request would take longer.
 */
const eagerMs = 1;

/** Pause between two tries, ms. */
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

/** True if a killed writer left a transaction to roll back, which a reader cannot do. */
export const isUnfinished = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "SQLITE_READONLY_ROLLBACK";

/** Converts an error of libsql. It has no code if the file could not be opened. */
export const failureOf = (error: unknown): Result<never, ForeignReadError> => {
  if (!(error instanceof Error)) throw error;
  if (!("code" in error)) throw error;
  const code = String(error.code);
  const meaning = meanings.find(([pattern]) => pattern.test(code));
  if (meaning !== undefined) return fail({ code: meaning[1], detail: `${code}: ${error.message}` });
  if (!error.message.startsWith("ConnectionFailed")) throw error;
  return fail({ code: "missing", detail: "it cannot be opened" });
};
