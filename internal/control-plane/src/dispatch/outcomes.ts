import { ownRows, type Command } from "@nc/cli-scope";
import type { Outcome } from "../intents/carrier.ts";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
import { refused } from "../world/reply.ts";

/** The command that shows the outcome of an intent. */
export const lookUp = "intents get";

/**
 * Takes rows of other groups out of an outcome before it is written. Dispatch does the same with the answer to
 * the act itself.
 */
export const withinGroupBy =
  (commands: readonly Command<CommandContext, ReadContext>[]) =>
  (outcome: Outcome, words: string, groupId: string): Outcome => {
    const command = commands.find((known) => known.words === words);
    if (!outcome.ok || command === undefined) return outcome;
    const own = ownRows(command, {}, groupId, outcome.value);
    return own.ok ? own : refused("not-found", "The outcome is about another agent group.");
  };
