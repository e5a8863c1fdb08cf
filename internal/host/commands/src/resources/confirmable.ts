import type { Args, Call, Command, CommandError } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";

/** The effect of a change that an operator confirms with `--yes`, and a person by approving it for an agent. */
export type Unconfirmed = {
  /** The effect, for the card of an agent's request. */
  readonly says: readonly string[];
  /** The refusal for an operator without `--yes`. It tells the same effect. */
  readonly refusal: CommandError;
};

/** Finds the effect of a command with these arguments, with or without `--yes`; null if it needs none. */
export type FindUnconfirmed<A = Args> = (args: A, call: Call<ReadContext>) => Promise<Unconfirmed | null>;

export type RunCommand = Extract<Command<CommandContext, ReadContext>, { readonly run: unknown }>;

/**
 * A command with `--yes`. Without it, the operator is refused what `find` finds; an agent's card says it, and the
 * approval confirms it. Every command with `--yes` that an agent may ask for is made by this function.
 */
export const confirmable = <A>(
  command: Command<CommandContext, ReadContext>,
  find: FindUnconfirmed<A>,
): RunCommand => {
  if (!("run" in command)) throw new TypeError(`${command.words} is an act.`);
  return {
    ...command,
    consequence: async (args, call) => {
      const own = (await command.consequence?.(args, call)) ?? { ok: true, value: null };
      const found = own.ok ? await find(args as A, call) : null;
      return !own.ok || found === null ? own : { ok: true, value: [...(own.value ?? []), ...found.says] };
    },
    run: async (args, call) => {
      const isConfirmed = args["yes"] === true || call.context.approved !== null;
      const found = isConfirmed ? null : await find(args as A, call);
      return found === null ? command.run(args, call) : { ok: false, error: found.refusal };
    },
  };
};
