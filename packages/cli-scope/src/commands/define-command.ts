import type { Result } from "@gatehouse/std";
import type {
  ActCommand,
  Call,
  Command,
  CommandError,
  Flag,
  Intent,
  Json,
  Reply,
  RunCommand,
} from "./command.ts";

/** The type of the value that a handler receives for each type of flag. */
type ValueOfType = {
  readonly string: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly list: readonly string[];
  readonly json: Json;
};

/** A flag with `values` has the type of one of them, or of a list of them. */
type ValueOf<F extends Flag> = F extends { readonly values: readonly (infer V extends string)[] }
  ? F["type"] extends "list"
    ? readonly V[]
    : V
  : ValueOfType[F["type"]];

/** The checked arguments of these flags. A `required` flag is present; any other may be undefined. */
export type ArgsOf<Flags extends readonly Flag[]> = {
  readonly [F in Flags[number] as F extends { readonly required: true } ? F["name"] : never]: ValueOf<F>;
} & {
  readonly [F in Flags[number] as F extends { readonly required: true } ? never : F["name"]]?: ValueOf<F>;
};

type Given<Flags extends readonly Flag[]> = {
  readonly flags: Flags;
  readonly check?: (args: ArgsOf<Flags>) => CommandError | null;
};

type GivenBeforeApproval<Reading, Flags extends readonly Flag[]> = {
  readonly prepare?: (
    args: ArgsOf<Flags>,
    call: Call<Reading>,
  ) => Promise<Result<readonly string[], CommandError>>;
  readonly consequence?: (
    args: ArgsOf<Flags>,
    call: Call<Reading>,
  ) => Promise<Result<readonly string[] | null, CommandError>>;
  readonly preview?: (
    args: ArgsOf<Flags>,
    call: Call<Reading>,
  ) => Promise<Result<readonly string[], CommandError>>;
};

/** A read or a change whose handlers receive arguments typed by its flags. */
type DefinedRun<Context, Reading, Flags extends readonly Flag[]> = Omit<
  RunCommand<Context>,
  "flags" | "check" | "prepare" | "consequence" | "preview" | "run"
> &
  Given<Flags> &
  GivenBeforeApproval<Reading, Flags> & {
    readonly run: (args: ArgsOf<Flags>, call: Call<Context>) => Promise<Result<Reply, CommandError>>;
  };

/** An act whose handlers receive arguments typed by its flags. */
type DefinedAct<Context, Reading, Flags extends readonly Flag[]> = Omit<
  ActCommand<Context>,
  "flags" | "check" | "prepare" | "consequence" | "preview" | "intent"
> &
  Given<Flags> &
  GivenBeforeApproval<Reading, Flags> & {
    readonly intent: (args: ArgsOf<Flags>, call: Call<Context>) => Promise<Result<Intent, CommandError>>;
  };

/**
 * Defines a command whose `args` have the types of its own flags. Dispatch checks the arguments by the same
 * flags before it calls a handler, so the list of commands does not need their types. Write flags in place,
 * or `as const satisfies Flag`, so that the compiler sees their names.
 */
export const defineCommand = <Context, const Flags extends readonly Flag[], Reading = Context>(
  command: DefinedRun<Context, Reading, Flags> | DefinedAct<Context, Reading, Flags>,
): Command<Context, Reading> => command as unknown as Command<Context, Reading>;
