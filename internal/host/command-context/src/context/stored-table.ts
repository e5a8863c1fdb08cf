import type { Kysely, RawBuilder, SqlBool } from "kysely";
import type { Column, Resource } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";

/** A column whose value is the key of another table, and the flag that it came from. */
export type Reference = {
  readonly column: string;
  readonly table: string;
  readonly noun: string;
  /** The flag, if it differs from the column's name. */
  readonly flag?: string;
};

/** Rows of another table that are deleted with a row of this one; `through` names a table in between. */
export type Dependent = {
  /** Their name in the report. */
  readonly what: string;
  readonly table: string;
  readonly column: string;
  readonly through?: { readonly table: string; readonly column: string };
  /** For rows that no foreign key deletes: the rows with this value in this column are deleted. */
  readonly clear?: readonly [column: string, value: string];
};

/** The table of one resource. */
export type StoredTable = {
  readonly table: string;
  /** `wiring`: its name in messages. */
  readonly noun: string;
  /** `wirings`: its name in commands. */
  readonly plural: string;
  /** The column that `--id` names; null if a row has no single key. */
  readonly id: string | null;
  /** The prefix of generated ids: `wi` gives `wi-<uuid>`. Without it the caller names the id. */
  readonly idPrefix?: string;
  /** The column that describes a row to people. */
  readonly label?: string;
  /**
   * Columns whose value may be given in place of the id, if no other row has the value. Names that strangers
   * choose, such as those of chats or accounts, only describe a row; `named` selects the rows whose names
   * count.
   */
  readonly names?: readonly string[];
  /** The condition for rows that the operator named; without it, the names of all rows count. */
  readonly named?: RawBuilder<SqlBool>;
  /** Offer an agent of any scope only rows of its own group, since `list` shows it no others. */
  readonly isOwnOnly?: true;
  /** The column of the agent group that a row belongs to; null if only the whole host reaches its rows. */
  readonly group: string | null;
  /** The column that gets the time of a new row. */
  readonly stamp: string;
  /** Sorts the newest first. Together the columns are unique, so the order is total. */
  readonly newestFirst: readonly string[];
  /** The only columns that are read and shown. */
  readonly columns: readonly string[];
  /** Values of a new row for columns that the caller does not set. */
  readonly defaults?: Readonly<Record<string, string | number>>;
  /** Values of a new row that follow from others, for columns that the caller does not set. */
  readonly derived?: (values: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>;
  /** Columns that are unique together. */
  readonly unique?: readonly string[];
  readonly references?: readonly Reference[];
  readonly dependents?: readonly Dependent[];
  /**
   * Deleting a row stops the sessions whose column (the key here) equals the row's column (the value here).
   */
  readonly sessionsBy?: Readonly<Partial<Record<"agent_group_id" | "messaging_group_id", string>>>;
  /** The problem of a row before it is saved, as a sentence; null if it is valid. */
  readonly problem?: (row: Readonly<Record<string, unknown>>) => string | null;
  readonly present?: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /**
   * Adds rows that belong to a new row, in its transaction. The answer shows the result together with the
   * row.
   */
  readonly complete?: (
    db: Kysely<CentralTables>,
    row: Readonly<Record<string, unknown>>,
  ) => Promise<Readonly<Record<string, unknown>>>;
};

export type TableName = keyof CentralTables;
type ColumnOf<T extends TableName> = keyof CentralTables[T] & string;

/** A resource whose columns the compiler checks against the columns of its table. */
export type ResourceOf<T extends TableName> = Omit<Resource, "columns"> & {
  readonly columns: readonly (Column & { readonly name: ColumnOf<T> })[];
};

/**
 * The description of a table apart from the parts that its resource gives. The compiler checks the columns.
 */
export type TableOf<T extends TableName> = Omit<StoredTable, "noun" | "plural" | "columns"> & {
  readonly table: T;
  readonly id: ColumnOf<T> | null;
  readonly label?: ColumnOf<T>;
  readonly names?: readonly ColumnOf<T>[];
  readonly group: ColumnOf<T> | null;
  readonly stamp: ColumnOf<T>;
  readonly newestFirst: readonly ColumnOf<T>[];
  readonly unique?: readonly ColumnOf<T>[];
};

/** The table of a resource. Each column of the resource is read and shown. */
export const storedTable = <T extends TableName>(
  { name, plural, columns }: ResourceOf<T>,
  table: TableOf<T>,
): StoredTable => ({ ...table, noun: name, plural, columns: columns.map((column) => column.name) });
