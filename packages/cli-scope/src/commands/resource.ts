import type { Args, Command, CommandError, Flag, FlagType } from "./command.ts";
import type { Result } from "@gatehouse/std";

/** A row as it is shown: flat, by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** Which rows: those where each of these columns has this value, and no more of them than `limit`, the newest first. */
export type RowQuery = { readonly where: Args; readonly limit: number };

/**
 * The rows of one resource, as far as the context reaches that they came from: a row out of reach is as if there were none.
 * `null` says that there is no such row. An error is a value that the store refuses, such as a name that is taken.
 */
export type Rows = {
  readonly list: (query: RowQuery) => Promise<Result<readonly Row[], CommandError>>;
  readonly get: (id: string) => Promise<Result<Row | null, CommandError>>;
  readonly create: (values: Args) => Promise<Result<Row, CommandError>>;
  /** Writes only the columns that are named, and gives the whole row. */
  readonly update: (id: string, values: Args) => Promise<Result<Row | null, CommandError>>;
  /** Gives what went: the row itself; where the resource's id is locked, it may be a report of all that went with it. */
  readonly delete: (id: string) => Promise<Result<Row | null, CommandError>>;
};

/** What the verbs of `crud` need of a context. `plural` is the resource's own. */
export type RowsContext = { readonly rows: (plural: string) => Rows };

/** A column of a resource: a flag of `create`, of `update` if it may change later, and of `list` to select by. */
export type Column = Pick<
  Flag,
  "name" | "description" | "example" | "values" | "min" | "max" | "secret" | "lock" | "escalates"
> & {
  readonly type: Exclude<FlagType, "json" | "list">;
  /** `create` needs it. */
  readonly required?: boolean;
  /** The store fills it in; it is no flag of `create` or `update`. */
  readonly generated?: boolean;
  readonly updatable?: boolean;
};

export type Verb = "list" | "get" | "create" | "update" | "delete";

/** Who may use one verb. */
export type VerbAccess = Pick<Command<never>, "access" | "reach">;

/** One kind of thing that the CLI lists and changes. */
export type Resource = {
  /** `group`: as it stands in sentences. */
  readonly name: string;
  /** `groups`: the first word of its commands. */
  readonly plural: string;
  readonly description: string;
  /** What `--id`, or the bare id at the end of the words, names; with a `lock` where it is the agent group or wiring itself. */
  readonly id: Pick<Flag, "description" | "example" | "lock">;
  /** The column that says to which agent group a row belongs. Without one no agent of scope `group` gets its rows. */
  readonly rowGroup?: string;
  readonly columns: readonly Column[];
  /** The verbs there are; the others do not exist. */
  readonly verbs: Readonly<Partial<Record<Verb, VerbAccess>>>;
};
