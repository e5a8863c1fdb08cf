import type { Scope } from "@nc/container-config";
import type { Failure } from "@gatehouse/cli-kit";
import type { Conflict } from "./conflicts.ts";
import type { RowNote } from "./convert-rows.ts";
import type { SkippedEntry } from "./copy-folder.ts";
import type { ImportedTable } from "./legacy-tables.ts";

/** A group that was brought in. */
export type ImportedGroup = {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** `none`: what there was cannot be used; until it is repaired the group's scope is `group`. */
  readonly configuration: "database" | "container.json" | "defaults" | "none";
  readonly scope: Scope;
  /** Files that were copied. */
  readonly files: number;
  readonly skipped: readonly SkippedEntry[];
};

/** What an import brought in, and all that it did not. */
export type ImportReport = {
  readonly source: string;
  /** Rows by table. */
  readonly taken: Readonly<Record<ImportedTable, number>>;
  readonly groups: readonly ImportedGroup[];
  /** What is to be said of configurations and scopes, as sentences. */
  readonly configurations: readonly string[];
  readonly leftOut: readonly RowNote[];
  readonly changed: readonly RowNote[];
  /** Whole tables, columns and folders that stay behind. */
  readonly notTaken: readonly { readonly what: string; readonly count: number; readonly why: string }[];
};

/** Why nothing was brought in; `conflicts` is all that is in the way, where something is. */
export type ImportFailure = Failure & { readonly conflicts?: readonly Conflict[] };
