import type { Actor, Authorization } from "../decision/actor.ts";
import { accepted } from "../commands/accepted.ts";
import type { ActCommand, Args, Command, CommandError, Reply, Signature } from "../commands/command.ts";
import { isConfined, reachOf } from "../decision/confined.ts";
import type { Decision, DecisionEntry } from "../decision/decision.ts";
import { scopesOf } from "../decision/policy.ts";
import { recordedArgs } from "../decision/recorded-args.ts";
import type { CommandHost } from "./command-host.ts";
import { ownRows } from "./own-rows.ts";
import type { Result } from "@gatehouse/std";

/** The caller, and what the store records about it at this moment. */
export type Caller = {
  readonly actor: Actor;
  readonly authorization: Authorization | null;
  /** Warnings of the decision. They come first in the reply. */
  readonly warnings?: readonly string[];
};

/** The log entry of a decision. */
export const entryOf = (
  actor: Actor,
  command: Signature,
  args: Readonly<Record<string, unknown>>,
  { effect, ruleId, reason }: Decision,
): DecisionEntry => ({
  actor,
  command: command.words,
  args: recordedArgs(command.flags, args),
  effect,
  ruleId,
  reason,
});

/**
 * The consequence of running a command for this caller now, one line per effect; null if it has no
 * `consequence`, or if that returns null.
 */
export const consequenceOf = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<Result<readonly string[] | null, CommandError>> => {
  const { consequence } = command;
  if (consequence === undefined) return { ok: true, value: null };
  return host.read(reachOf(caller, host), (context) => consequence(args, { actor: caller.actor, context }));
};

/** The lines that a person sees beside the consequence; null if the command has no `preview`, or if it returns no line. */
export const previewOf = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<Result<readonly string[] | null, CommandError>> => {
  const { preview } = command;
  if (preview === undefined) return { ok: true, value: null };
  const lines = await host.read(reachOf(caller, host), (context) =>
    preview(args, { actor: caller.actor, context }),
  );
  return lines.ok && lines.value.length === 0 ? { ok: true, value: null } : lines;
};

/** Calls a command's `prepare`, outside any transaction. Returns its warnings, or the refusal. */
export const prepare = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<Result<readonly string[], CommandError>> => {
  const { prepare: ask } = command;
  if (ask === undefined) return { ok: true, value: [] };
  return host.read(reachOf(caller, host), (context) => ask(args, { actor: caller.actor, context }));
};

/**
 * Runs a command that the rules passed, in a context with the caller's reach. Rows of other groups are
 * removed before a change is committed, so a change of such a row is rolled back.
 */
export const runCommand = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<Result<Reply, CommandError>> => {
  if (command.effect === "act") return withWarnings(await runAct(command, args, caller, host), caller);
  const { actor } = caller;
  const runIn = command.effect === "read" ? host.read : host.change;
  return runIn(reachOf(caller, host), async (context) =>
    withWarnings(onlyOwn(command, args, caller, host, await command.run(args, { actor, context })), caller),
  );
};

const withWarnings = (
  reply: Result<Reply, CommandError>,
  { warnings = [] }: Caller,
): Result<Reply, CommandError> => {
  if (!reply.ok || warnings.length === 0) return reply;
  return { ok: true, value: { ...reply.value, warnings: [...warnings, ...(reply.value.warnings ?? [])] } };
};

/**
 * Writes the intent, then waits for its outcome. No transaction is open while the host carries out the
 * intent.
 */
const runAct = async <Context extends Reading, Reading>(
  command: ActCommand<Context, Reading>,
  args: Args,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<Result<Reply, CommandError>> => {
  const { acts } = host;
  if (acts === undefined) throw new TypeError(`"${command.words}" is an act, and this host has none.`);
  const { actor } = caller;
  const asked = await acts.ask({ actor, command: command.words }, reachOf(caller, host), (context) =>
    command.intent(args, { actor, context }),
  );
  if (!asked.ok) return asked;
  const outcome = await acts.outcome(asked.value);
  return outcome === null
    ? { ok: true, value: accepted(command.words, asked.value, acts.lookUp) }
    : onlyOwn(command, args, caller, host, outcome);
};

const onlyOwn = (
  command: Signature,
  args: Args,
  { actor, authorization }: Caller,
  host: Pick<CommandHost<never>, "policy">,
  reply: Result<Reply, CommandError>,
): Result<Reply, CommandError> =>
  reply.ok && isConfined(actor, authorization, scopesOf(host))
    ? ownRows(command, args, actor.groupId, reply.value)
    : reply;
