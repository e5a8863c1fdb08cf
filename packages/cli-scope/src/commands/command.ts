import type { Actor } from "../decision/actor.ts";
import type { ErrorCode } from "../wire/frame.ts";
import type { Result } from "@gatehouse/std";

/**
 * `open`: runs at once. `approval`: an agent waits for a person. `operator`: refused for every agent, of any
 * scope.
 */
export type Access = "open" | "approval" | "operator";

/**
 * The type of a flag's value after the check. `list` is comma-separated or repeated; `json` is any JSON text.
 */
export type FlagType = "string" | "integer" | "number" | "boolean" | "list" | "json";

export type FlagValue = string | number | boolean | readonly string[] | Json;
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Checked arguments by canonical name: lower case, underscores, each once. */
export type Args = Readonly<Record<string, FlagValue>>;

/**
 * A kind of thing that belongs to agent groups, as the host knows. `where` limits the naming to these values
 * of other flags.
 */
export type Naming = { readonly what: string; readonly where?: Args };

/**
 * The resource, by its plural, whose row a value names. `where` limits it to these values of other flags.
 */
export type Reference = { readonly resource: string; readonly where?: Args };

/** One flag of a command, a row of its help. */
export type Flag = {
  /** Lower case with underscores; typed as `--lower-case`. */
  readonly name: string;
  /** A shorter name that people type: `group` for `agent_group_id`. Taken for `name` before any check. */
  readonly alias?: string;
  readonly type: FlagType;
  readonly description: string;
  readonly required?: boolean;
  /** All allowed values, if there is a list of them. */
  readonly values?: readonly string[];
  /** A typical value. `crud` uses it in its examples. */
  readonly example?: string;
  readonly min?: number;
  readonly max?: number;
  /**
   * The value names an agent group or a wiring. Under the scope `group` it must be the caller's own: it is
   * filled in, or another one is refused.
   */
  readonly lock?: "group" | "wiring";
  /** An agent that leaves a locked flag out means its own group or wiring, also under a wider scope. */
  readonly isOwnByDefault?: boolean;
  /**
   * The things of another agent group that the value may name. A person who approves the command for an agent
   * needs authority over that group as well.
   */
  readonly names?: readonly Naming[];
  /**
   * The value is the id of a row of this resource. Dispatch replaces a unique name by its id, completion
   * offers the rows that the caller may list, and a command that names a missing row is never held for
   * approval.
   */
  readonly refersTo?: string | readonly Reference[];
  /**
   * Refused under the scope `group`, because the flag extends what the agent, or a person who writes to it,
   * may do.
   */
  readonly escalates?: boolean;
  /** The decision log keeps only the length of the value: words for an agent, which may quote anything. */
  readonly isPrivate?: boolean;
};

/** The result of a command that succeeded. */
export type Reply = {
  readonly data: unknown;
  readonly human?: string;
  readonly warnings?: readonly string[];
};

/** A failed command. The message tells the caller what failed, where, and the fix. */
export type CommandError = {
  readonly code: Extract<
    ErrorCode,
    "invalid-args" | "not-found" | "permission-denied" | "handler-error" | "forbidden"
  >;
  readonly message: string;
};

/**
 * The input of a handler in addition to its arguments. The host defines `Context`; a context that reaches
 * one group cannot name another.
 */
export type Call<Context> = { readonly actor: Actor; readonly context: Context };

export type Handler<Context> = (args: Args, call: Call<Context>) => Promise<Result<Reply, CommandError>>;

/**
 * The effect of a command on the host. `read`: it reads, in a context that cannot write. `change`: it writes,
 * in one transaction. `act`: it touches more than the database, such as a process. An act does not run in a
 * transaction: its intent is written in one, and the host carries the intent out later.
 */
export type Effect = "read" | "change" | "act";

/** A request of an act to the host. The host has one handler for each kind of intent. */
export type Intent = { readonly kind: string; readonly payload: Json };

/** A command without its handler: enough to look it up, to decide about it and to explain it. */
export type Signature = {
  /** As typed, with spaces: `groups config update`. Its wire name has dashes. */
  readonly words: string;
  /** The plural name of its resource; null for a command without a resource, such as `help`. */
  readonly resource: string | null;
  /** One sentence about the resource, for help. `crud` takes it from the `Resource`. */
  readonly resourceDescription?: string;
  readonly effect: Effect;
  readonly access: Access;
  /**
   * `group`: the command acts within one agent group, so an agent may use it for its own. `host`: it acts
   * across groups.
   */
  readonly reach: "group" | "host";
  readonly description: string;
  readonly examples?: readonly string[];
  readonly flags: readonly Flag[];
  /** The flag that receives a bare id at the end of the words. It must be one of `flags`. */
  readonly positional?: string;
  /**
   * The column of returned rows that holds their group. Rows of other groups are dropped after the handler.
   */
  readonly rowGroup?: string;
  /**
   * Checks a combination of arguments that are each valid. It runs before a person is asked, so it uses the
   * arguments only.
   */
  readonly check?: (args: Args) => CommandError | null;
};

/** Functions that dispatch calls before it runs a command or holds it for a person. They only read. */
type BeforeApproval<Reading> = {
  /**
   * Checks facts that are not in the database, such as the version of a program. It may take a second, and
   * runs outside the command's transaction. Returns warnings for the reply, or why the command is refused. It
   * is not called again after an approval.
   */
  readonly prepare?: (args: Args, call: Call<Reading>) => Promise<Result<readonly string[], CommandError>>;
  /**
   * Returns what the command would do now, one line per effect, if the arguments alone do not tell a person;
   * null if they do. The command runs only if a second call, after the approval, returns the same. The lines
   * hold no secret.
   */
  readonly consequence?: (
    args: Args,
    call: Call<Reading>,
  ) => Promise<Result<readonly string[] | null, CommandError>>;
  /**
   * Returns further lines for the person, such as the next times of a task: they are true when the agent asks, and may
   * be others after the approval. They are kept with the approval, and nothing is compared with them. The lines hold
   * no secret.
   */
  readonly preview?: (args: Args, call: Call<Reading>) => Promise<Result<readonly string[], CommandError>>;
};

/** A command that runs at once. */
export type RunCommand<Context, Reading = Context> = Signature &
  BeforeApproval<Reading> & { readonly effect: Exclude<Effect, "act">; readonly run: Handler<Context> };

/** A command that the host carries out after its transaction. */
export type ActCommand<Context, Reading = Context> = Signature &
  BeforeApproval<Reading> & {
    readonly effect: "act";
    /** Returns the host's task. It only reads: the host writes the intent in the same transaction. */
    readonly intent: (args: Args, call: Call<Context>) => Promise<Result<Intent, CommandError>>;
  };

/**
 * One command of a host's list. `Reading` is the part of the context that cannot write; by default, all of
 * it.
 */
export type Command<Context, Reading = Context> = RunCommand<Context, Reading> | ActCommand<Context, Reading>;
