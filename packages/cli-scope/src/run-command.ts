import type { Actor, Standing } from "./actor.ts";
import type { Args, Command, CommandError, Reply, Signature } from "./command.ts";
import { isConfined, reachOf } from "./confined.ts";
import type { Decision, DecisionEntry } from "./decision.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { ownRows } from "./own-rows.ts";
import type { Result } from "@gatehouse/std";

/** Who calls, and what the store says of it at this moment. */
export type Caller = { readonly actor: Actor; readonly standing: Standing | null };

/** What is kept of a decision: the names of the flags, and no value. */
export const entryOf = (
  actor: Actor,
  command: Signature,
  args: Readonly<Record<string, unknown>>,
  { effect, ruleId, reason }: Decision,
): DecisionEntry => ({ actor, command: command.words, flags: Object.keys(args), effect, ruleId, reason });

/** What a command would do for this caller at this moment; null for one whose arguments tell all. */
export const consequenceOf = async <World>(
  command: Command<World>,
  args: Args,
  { actor, standing }: Caller,
  dispatcher: Dispatcher<World>,
): Promise<Result<readonly string[] | null, CommandError>> => {
  const { consequence } = command;
  if (consequence === undefined) return { ok: true, value: null };
  return dispatcher.transact(reachOf(actor, standing), (world) => consequence(args, { actor, world }), true);
};

/**
 * Runs a command that was decided about, in one transaction and in a world that reaches as far as the caller. Rows of other
 * groups are taken out before the transaction ends, so that a row that should not have been touched is untouched again.
 */
export const runCommand = <World>(
  command: Command<World>,
  args: Args,
  { actor, standing }: Caller,
  dispatcher: Dispatcher<World>,
): Promise<Result<Reply, CommandError>> =>
  dispatcher.transact(
    reachOf(actor, standing),
    async (world) => {
      const reply = await command.run(args, { actor, world });
      if (!reply.ok || !isConfined(actor, standing)) return reply;
      return ownRows(command, args, actor.groupId, reply.value);
    },
    command.access === "open",
  );
