import type { Column, Resource } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";

/** A column whose value is the key of another table, and the flag that it came from. */
export type Reference = {
  readonly column: string;
  readonly table: string;
  readonly noun: string;
  /** As typed, where it is not the column's own name. */
  readonly flag?: string;
};

/** Rows of another table that go when a row of this one goes; `through` where they hang on it by way of a third. */
export type Dependent = {
  /** What they are called in the report. */
  readonly what: string;
  readonly table: string;
  readonly column: string;
  readonly through?: { readonly table: string; readonly column: string };
  /** No foreign key takes these along: they are deleted by themselves, where this column has this value. */
  readonly clear?: readonly [column: string, value: string];
};

/** Where and how the rows of one resource are kept. */
export type StoredTable = {
  readonly table: string;
  /** `wiring`: as it stands in sentences. */
  readonly noun: string;
  /** What `--id` names; null where a row has no single key. */
  readonly id: string | null;
  /** What is made up for a new row's id: `wi` gives `wi-<uuid>`. Without it the caller names the id. */
  readonly idPrefix?: string;
  /** The column of the agent group that a row belongs to; null: its rows are out of reach of every single group. */
  readonly group: string | null;
  /** The time of a new row. */
  readonly stamp: string;
  /** Sorts the newest first, each row at a place of its own. */
  readonly newestFirst: readonly string[];
  /** What is read and shown, and nothing else. */
  readonly columns: readonly string[];
  /** Columns that no two rows have in common. */
  readonly unique?: readonly string[];
  readonly references?: readonly Reference[];
  readonly dependents?: readonly Dependent[];
  /** What is wrong with a row as it would be saved, as a sentence; null if nothing is. */
  readonly problem?: (row: Readonly<Record<string, unknown>>) => string | null;
  readonly present?: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
};

export type TableName = keyof CentralTables;
type ColumnOf<T extends TableName> = keyof CentralTables[T] & string;

/** A resource whose columns the compiler checks against the columns of its table. */
export type ResourceOf<T extends TableName> = Omit<Resource, "columns"> & {
  readonly columns: readonly (Column & { readonly name: ColumnOf<T> })[];
};

/** What a resource does not say of its table. The compiler checks the columns. */
export type TableOf<T extends TableName> = Omit<StoredTable, "noun" | "columns"> & {
  readonly table: T;
  readonly id: ColumnOf<T> | null;
  readonly group: ColumnOf<T> | null;
  readonly stamp: ColumnOf<T>;
  readonly newestFirst: readonly ColumnOf<T>[];
  readonly unique?: readonly ColumnOf<T>[];
};

/** The table of a resource. Each column of the resource is read and shown. */
export const storedTable = <T extends TableName>(
  { name, columns }: ResourceOf<T>,
  table: TableOf<T>,
): StoredTable => ({ ...table, noun: name, columns: columns.map((column) => column.name) });
