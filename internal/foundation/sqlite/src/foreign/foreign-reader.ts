import type { Result } from "@gatehouse/std";

/**
 * A value of a foreign row. Null for a text that is not UTF-8 or contains a NUL; then `bad` names its column.
 */
export type ForeignValue = string | number | bigint | null;

/** A read of a file that another program writes. The statements are built from it: callers pass no SQL. */
export type ForeignRead = {
  /** An absolute path. */
  readonly file: string;
  /**
   * The `sql` of every table and index that the file must have, with no others: those of our own migrations.
   */
  readonly schema: readonly string[];
  /** Maximum size of the file, bytes. A larger file is not opened. */
  readonly maxBytes: number;
  /** Maximum length of a text, bytes. A longer text is null, and its column is in `bad`. */
  readonly maxTextBytes: number;
  readonly tables: readonly {
    readonly table: string;
    readonly columns: readonly string[];
    /** Only rows whose column is above the value. The column has an index. */
    readonly after?: { readonly column: string; readonly value: number | string };
    /** Only rows whose column is one of these. The column has an index. */
    readonly among?: { readonly column: string; readonly values: readonly string[] };
    /**
     * Only rows for which all of these hold. They are written into the statement: SQLite uses a partial index
     * only if its condition is in the statement, and not for a bound value. A text is a lower-case word.
     */
    readonly where?: readonly (readonly [column: string, is: "=" | "<>", value: string | number])[];
    readonly orderBy: string;
    readonly limit: number;
  }[];
};

/** A row: its values, and the names of columns with unusable values. */
export type ForeignReadRow = {
  readonly values: Readonly<Record<string, ForeignValue>>;
  readonly bad: readonly string[];
};

/** Why a foreign file cannot be read. No content of such a file can end or block the host. */
export type ForeignReadError = {
  readonly code:
    | "missing"
    /** A link, a pipe, a device, a folder, or a file with a second name. */
    | "not-a-file"
    | "too-large"
    | "not-a-database"
    | "other-schema"
    | "damaged"
    /** Its writer is in a transaction, or left one unfinished: try again. */
    | "busy"
    /** The reader did not answer within the deadline and was ended. */
    | "too-slow"
    /** The reader's process ended. */
    | "crashed"
    | "closed";
  readonly detail: string;
};

/** Reads foreign files in child processes, each read with a deadline. */
export type ForeignReader = {
  /**
   * Reads rows of each table, in the order of `tables`. It may return fewer than `limit` although there are
   * more: the texts of one answer are at most about 1 MB, so that the host parses them without a pause. It
   * returns at least one row of a table that is not empty; ask again for the rows after the last one.
   */
  readonly read: (
    read: ForeignRead,
  ) => Promise<Result<readonly (readonly ForeignReadRow[])[], ForeignReadError>>;
  readonly close: () => Promise<void>;
};
