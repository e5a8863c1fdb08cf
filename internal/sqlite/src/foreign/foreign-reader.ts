import type { Result } from "@gatehouse/std";

/** A value of a foreign row. A text that is not UTF-8, or has a NUL in it, is null, and `bad` names its column. */
export type ForeignValue = string | number | bigint | null;

/** What to read of a file that another program writes. The statements are made here: nobody passes SQL. */
export type ForeignRead = {
  /** An absolute path. */
  readonly file: string;
  /** The `sql` of every table and index that the file must have, and no other: what our own migrations make. */
  readonly schema: readonly string[];
  /** A larger file is not opened, bytes. */
  readonly maxBytes: number;
  /** A longer text is cut to a verdict, bytes. */
  readonly maxTextBytes: number;
  readonly tables: readonly {
    readonly table: string;
    readonly columns: readonly string[];
    /** Rows whose column is above the value. The column has an index. */
    readonly after?: { readonly column: string; readonly value: number | string };
    /** Rows whose column is one of these. The column has an index. */
    readonly among?: { readonly column: string; readonly values: readonly string[] };
    /**
     * Rows where all of these hold. They are written into the statement: SQLite uses a partial index only where
     * its condition stands there, and not for a bound value. A text is a lower-case word.
     */
    readonly where?: readonly (readonly [column: string, is: "=" | "<>", value: string | number])[];
    readonly orderBy: string;
    readonly limit: number;
  }[];
};

/** One row: its values, and the names of columns whose value cannot be used. */
export type ForeignReadRow = {
  readonly values: Readonly<Record<string, ForeignValue>>;
  readonly bad: readonly string[];
};

/** Why a foreign file cannot be read. Nothing in such a file ends or stalls the host. */
export type ForeignReadError = {
  readonly code:
    | "missing"
    /** A link, a pipe, a device, a folder, a second name. */
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
   * Rows of each table, in the order of `tables`. Fewer than `limit` may come although there are more: the
   * texts of one answer are about 1 MB at most, so that the host takes them in without a pause. At least one
   * row comes of a table that has any; ask again for what is after the last one.
   */
  readonly read: (
    read: ForeignRead,
  ) => Promise<Result<readonly (readonly ForeignReadRow[])[], ForeignReadError>>;
  readonly close: () => Promise<void>;
};
