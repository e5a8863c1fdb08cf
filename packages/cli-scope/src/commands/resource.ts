import type { Args, Command, CommandError, Flag, FlagType } from "./command.ts";
import type { Result } from "@gatehouse/std";

/** A row as shown: flat, by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** Selects the rows where each of these columns has this value: the newest first, and at most `limit`. */
export type RowQuery = { readonly where: Args; readonly limit: number };

/**
 * The rows of one resource within the reach of their context; a row out of reach counts as missing. `null`
 * means that there is no such row. An error means that the store refuses a value, such as a name in use.
 */
export type Rows = {
  readonly list: (query: RowQuery) => Promise<Result<readonly Row[], CommandError>>;
  readonly get: (id: string) => Promise<Result<Row | null, CommandError>>;
  readonly create: (values: Args) => Promise<Result<Row, CommandError>>;
  /** Writes only the named columns, and returns the whole row. */
  readonly update: (id: string, values: Args) => Promise<Result<Row | null, CommandError>>;
  /**
   * Returns the deleted row. If the resource's id is locked, it may return a report of everything deleted
   * with it.
   */
  readonly delete: (id: string) => Promise<Result<Row | null, CommandError>>;
};

/** The part of `Rows` that cannot write. */
export type ReadRows = Pick<Rows, "list" | "get">;

/** The part of a context that the verbs of `crud` need. `plural` is the plural name of the resource. */
export type RowsContext = { readonly rows: (plural: string) => Rows };

/** The part of `RowsContext` that cannot write. */
export type ReadRowsContext = { readonly rows: (plural: string) => ReadRows };

/**
 * A column of a resource. It is a flag of `create`, of `update` if it is updatable, and a filter of `list`.
 */
export type Column = Pick<
  Flag,
  "name" | "alias" | "description" | "example" | "values" | "min" | "max" | "lock" | "escalates" | "refersTo"
> & {
  readonly type: Exclude<FlagType, "json" | "list">;
  /** `create` requires it. */
  readonly required?: boolean;
  /** The store fills it in, so `create` and `update` have no flag for it. */
  readonly generated?: boolean;
  readonly updatable?: boolean;
};

export type Verb = "list" | "get" | "create" | "update" | "delete";

/** The access to one verb, and its reach. */
export type VerbAccess = Pick<Command<never>, "access" | "reach">;

/** One kind of thing that the CLI lists and changes. */
export type Resource = {
  /** The singular name, for sentences: `group`. */
  readonly name: string;
  /** The plural name, the first word of its commands: `groups`. */
  readonly plural: string;
  readonly description: string;
  /**
   * The flag `--id`, also typed as a bare id after the words. It has a `lock` if it is the id of the agent
   * group or wiring.
   */
  readonly id: Pick<Flag, "description" | "example" | "lock" | "refersTo">;
  /** The column that holds the agent group of a row. Without it, an agent of scope `group` gets no rows. */
  readonly rowGroup?: string;
  readonly columns: readonly Column[];
  /** The verbs that the resource has. */
  readonly verbs: Readonly<Partial<Record<Verb, VerbAccess>>>;
};
