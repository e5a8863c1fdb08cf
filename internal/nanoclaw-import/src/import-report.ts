import type { Scope } from "@nc/container-config";
import type { Failure } from "@gatehouse/cli-kit";
import type { Conflict } from "./conflicts.ts";
import type { RowNote } from "./convert-rows.ts";
import type { SkippedEntry } from "./folder/copy-folder.ts";
import type { ImportedTable } from "./legacy-tables.ts";

/** An imported group. */
export type ImportedGroup = {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** `none`: the existing configuration cannot be used. Until it is repaired the group's scope is `group`. */
  readonly configuration: "database" | "container.json" | "defaults" | "none";
  readonly scope: Scope;
  /** The number of copied files. */
  readonly files: number;
  readonly skipped: readonly SkippedEntry[];
};

/** What an import brought in, and everything that it left out. */
export type ImportReport = {
  readonly source: string;
  /** Rows by table. */
  readonly taken: Readonly<Record<ImportedTable, number>>;
  readonly groups: readonly ImportedGroup[];
  /** Sentences about configurations and scopes. */
  readonly configurations: readonly string[];
  readonly leftOut: readonly RowNote[];
  readonly changed: readonly RowNote[];
  /** Whole tables, columns and folders that were not imported. */
  readonly notTaken: readonly { readonly what: string; readonly count: number; readonly why: string }[];
};

/** Why nothing was imported. `conflicts` lists everything that already exists here. */
export type ImportFailure = Failure & { readonly conflicts?: readonly Conflict[] };
