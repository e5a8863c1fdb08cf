import type { Actor } from "../decision/actor.ts";
import type { ErrorCode } from "../wire/frame.ts";
import type { Result } from "@gatehouse/std";

/** `open`: at once. `approval`: an agent waits for a person. `operator`: no agent, whatever its scope. */
export type Access = "open" | "approval" | "operator";

/** What the value of a flag is, after it was checked. `list` is comma-separated or repeated; `json` any JSON text. */
export type FlagType = "string" | "integer" | "number" | "boolean" | "list" | "json";

export type FlagValue = string | number | boolean | readonly string[] | Json;
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Checked arguments by canonical name: lower case, underscores, each once. */
export type Args = Readonly<Record<string, FlagValue>>;

/** A kind of thing that the host knows the groups of, and the values of other flags with which it is meant. */
export type Naming = { readonly what: string; readonly where?: Args };

/** One flag of a command, a row of its help. */
export type Flag = {
  /** Lower case with underscores; typed as `--lower-case`. */
  readonly name: string;
  readonly type: FlagType;
  readonly description: string;
  readonly required?: boolean;
  /** All allowed values, where they can be listed. */
  readonly values?: readonly string[];
  /** A value as it may well be typed: what `crud` writes into its examples. */
  readonly example?: string;
  readonly min?: number;
  readonly max?: number;
  /** The value is never shown: of an object or list of `NAME=value` the names are, of anything else nothing. */
  readonly secret?: boolean;
  /** What is shown instead of a value that may have a secret in it. */
  readonly shown?: (value: FlagValue) => FlagValue;
  /** The value names an agent group, or a wiring: under the scope `group` it is the caller's own, filled in or refused. */
  readonly lock?: "group" | "wiring";
  /** What of another agent group the value may name: whoever lets an agent run the command needs a say there as well. */
  readonly names?: readonly Naming[];
  /** Under the scope `group` the flag is refused: it widens what the agent, or someone who writes to it, may do. */
  readonly escalates?: boolean;
};

/** What a command gives back when it worked. */
export type Reply = {
  readonly data: unknown;
  readonly human?: string;
  readonly warnings?: readonly string[];
};

/** Why a command did not work. The message is for the caller: what, where, the fix. */
export type CommandError = {
  readonly code: Extract<
    ErrorCode,
    "invalid-args" | "not-found" | "permission-denied" | "handler-error" | "forbidden"
  >;
  readonly message: string;
};

/** What a handler is given beside its arguments. `Context` is the host's: in reach of a group it cannot name another. */
export type Call<Context> = { readonly actor: Actor; readonly context: Context };

export type Handler<Context> = (args: Args, call: Call<Context>) => Promise<Result<Reply, CommandError>>;

/**
 * What a command does to the host. `read`: it looks, in a context that cannot write. `change`: it writes, in one transaction.
 * `act`: it touches more than the database, such as a process. It runs in no transaction: its intent is written in one, and the
 * host carries the intent out later.
 */
export type Effect = "read" | "change" | "act";

/** What an act asks the host to do. The host has a carrier for each kind. */
export type Intent = { readonly kind: string; readonly payload: Json };

/** All of a command but what it does: enough to look it up, to decide about it and to explain it. */
export type Signature = {
  /** As typed, with spaces: `groups config update`. Its wire name has dashes. */
  readonly words: string;
  /** The plural that it belongs to; null for a command of no resource, such as `help`. */
  readonly resource: string | null;
  readonly effect: Effect;
  readonly access: Access;
  /** `group`: it acts within one agent group, so an agent may use it for its own. `host`: it acts across groups. */
  readonly reach: "group" | "host";
  readonly description: string;
  readonly examples?: readonly string[];
  readonly flags: readonly Flag[];
  /** The flag that a bare id at the end of the words fills; it has to be one of `flags`. */
  readonly positional?: string;
  /** The column of returned rows that says whose they are: rows of other groups are dropped again after the handler. */
  readonly rowGroup?: string;
  /** What is wrong with arguments that are good each by itself; asked before a person is, so it looks at nothing else. */
  readonly check?: (args: Args) => CommandError | null;
};

type Consequence<Context> = {
  /**
   * What running it now would do, a line each, where the arguments do not tell a person. It is asked before the person is, and
   * the command is run only while the answer is the same. Reads only, and holds no secret.
   */
  readonly consequence?: (
    args: Args,
    call: Call<Context>,
  ) => Promise<Result<readonly string[], CommandError>>;
};

/** A command that runs at once. */
export type RunCommand<Context> = Signature &
  Consequence<Context> & { readonly effect: Exclude<Effect, "act">; readonly run: Handler<Context> };

/** A command that the host carries out after its transaction. */
export type ActCommand<Context> = Signature &
  Consequence<Context> & {
    readonly effect: "act";
    /** What the host is to do. Reads only: the host writes the intent in the same transaction. */
    readonly intent: (args: Args, call: Call<Context>) => Promise<Result<Intent, CommandError>>;
  };

/** One command, a value in a list. */
export type Command<Context> = RunCommand<Context> | ActCommand<Context>;
