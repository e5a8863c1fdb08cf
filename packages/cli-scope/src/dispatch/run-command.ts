import type { Actor, Authorization } from "../decision/actor.ts";
import type { Args, Command, CommandError, Reply, Signature } from "../commands/command.ts";
import { isConfined, reachOf } from "../decision/confined.ts";
import type { Decision, DecisionEntry } from "../decision/decision.ts";
import type { CommandHost } from "./command-host.ts";
import { ownRows } from "./own-rows.ts";
import type { Result } from "@gatehouse/std";

/** Who calls, and what the store says of it at this moment. */
export type Caller = { readonly actor: Actor; readonly authorization: Authorization | null };

/** What is kept of a decision: the names of the flags, and no value. */
export const entryOf = (
  actor: Actor,
  command: Signature,
  args: Readonly<Record<string, unknown>>,
  { effect, ruleId, reason }: Decision,
): DecisionEntry => ({ actor, command: command.words, flags: Object.keys(args), effect, ruleId, reason });

/** What a command would do for this caller at this moment; null for one whose arguments tell all. */
export const consequenceOf = async <Context>(
  command: Command<Context>,
  args: Args,
  { actor, authorization }: Caller,
  host: CommandHost<Context>,
): Promise<Result<readonly string[] | null, CommandError>> => {
  const { consequence } = command;
  if (consequence === undefined) return { ok: true, value: null };
  return host.transact(
    reachOf(actor, authorization),
    (context) => consequence(args, { actor, context }),
    true,
  );
};

/**
 * Runs a command that was decided about, in one transaction and in a context that reaches as far as the caller. Rows of other
 * groups are taken out before the transaction ends, so that a row that should not have been touched is untouched again.
 */
export const runCommand = <Context>(
  command: Command<Context>,
  args: Args,
  { actor, authorization }: Caller,
  host: CommandHost<Context>,
): Promise<Result<Reply, CommandError>> =>
  host.transact(
    reachOf(actor, authorization),
    async (context) => {
      const reply = await command.run(args, { actor, context });
      if (!reply.ok || !isConfined(actor, authorization)) return reply;
      return ownRows(command, args, actor.groupId, reply.value);
    },
    command.access === "open",
  );
