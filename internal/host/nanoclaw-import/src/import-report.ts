import type { Scope } from "@nc/container-config";
import type { Failure } from "@gatehouse/cli-kit";
import type { Conflict } from "./conflicts.ts";
import type { RowNote } from "./convert-rows.ts";
import type { SkippedEntry } from "./folder/copy-folder.ts";
import type { ImportedTable } from "./legacy-tables.ts";
import type { Confirmable } from "./rights-and-programs.ts";
import type { NotTaken } from "./not-taken.ts";

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

/** The report of an import: what was imported, changed and left out. */
export type ImportReport = {
  readonly source: string;
  /** True for a dry run, which writes nothing. */
  readonly dryRun: boolean;
  /** The number of imported rows, by table. */
  readonly taken: Readonly<Record<ImportedTable | "tasks", number>>;
  readonly groups: readonly ImportedGroup[];
  /** The owners and admins that the import brings in, and what its groups run: sentences. */
  readonly rights: readonly string[];
  readonly programs: readonly string[];
  /** What agents do at their times: sentences. */
  readonly tasks: readonly string[];
  /** Sentences about configurations and scopes. */
  readonly configurations: readonly string[];
  readonly leftOut: readonly RowNote[];
  readonly changed: readonly RowNote[];
  /** Whole tables, columns and folders that were not imported, with the number of rows or folders. */
  readonly notTaken: readonly NotTaken[];
};

/** The error of an import. `conflicts` lists all items that exist already, `unconfirmed` what a person has to confirm. */
export type ImportFailure = Failure & {
  readonly conflicts?: readonly Conflict[];
  readonly unconfirmed?: Confirmable;
};
