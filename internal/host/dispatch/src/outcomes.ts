import { ownRows, type Command } from "@nc/cli-scope";
import type { IntentOutcome } from "@gatehouse/intents";
import { type CommandContext, type ReadContext, refused } from "@gatehouse/command-context";

/** The command that shows the outcome of an intent. */
export const lookUp = "intents get";

/**
 * Removes rows of other groups from an outcome before it is written. Dispatch does the same with the answer
 * to the act itself.
 */
export const withinGroupBy =
  (commands: readonly Command<CommandContext, ReadContext>[]) =>
  (outcome: IntentOutcome, words: string, groupId: string): IntentOutcome => {
    const command = commands.find((known) => known.words === words);
    if (!outcome.ok || command === undefined) return outcome;
    const own = ownRows(command, {}, groupId, outcome.value);
    return own.ok ? own : refused("not-found", "The outcome is about another agent group.");
  };
