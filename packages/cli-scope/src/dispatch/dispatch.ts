import type { Actor, Authorization } from "../decision/actor.ts";
import { advised } from "../built-in/advice.ts";
import type { BuiltIn } from "../built-in/built-in.ts";
import { can } from "../built-in/can.ts";
import { complete } from "../built-in/complete.ts";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import { checkArgs } from "../args/check-args.ts";
import type { Args, Command, Reply } from "../commands/command.ts";
import { decide } from "../decision/decide.ts";
import type { Decision } from "../decision/decision.ts";
import type { CommandHost } from "./command-host.ts";
import { invalidArgs, unresolved } from "../problems/failure.ts";
import { findCommand } from "../commands/find-command.ts";
import type { ErrorBody, RequestFrame, ResponseFrame } from "../wire/frame.ts";
import { help } from "../built-in/help.ts";
import { readFrame } from "../wire/read-frame.ts";
import { resolveCommand } from "../commands/resolve-command.ts";
import { afterThrow, responseFrame } from "./respond.ts";
import type { Result } from "@gatehouse/std";
import { hold } from "./hold.ts";
import { lookUpFor, withIds } from "./references.ts";
import { authorizationOf, simulated } from "./simulated.ts";
import { entryOf, prepare, runCommand } from "./run-command.ts";

/** The commands that every registry has. They describe the other commands. */
const builtInCommands: readonly BuiltIn[] = [help, can, complete];

type Answer = Result<Reply, ErrorBody>;

/** Translates `groups help` and `groups get --help` to the `help` command. */
const meantAsHelp = <C extends BuiltIn | Command<never>>(
  commands: readonly C[],
  { command, args }: RequestFrame,
): Pick<RequestFrame, "command" | "args"> => {
  if (args["help"] !== true && !command.endsWith("-help")) return { command, args };
  const found = findCommand(commands, command);
  if (args["help"] !== true)
    return found.ok ? { command, args } : { command: `help-${command.slice(0, -"-help".length)}`, args };
  const hasFlag = found.ok && found.value.command.flags.some(({ name }) => name === "help");
  if (hasFlag) return { command, args };
  return { command: command === "help" ? command : `help-${command}`, args: {} };
};

/** A command with valid arguments that is allowed, or has to be held for a person. */
type Admitted<Context extends Reading, Reading> = {
  readonly command: BuiltIn | Command<Context, Reading>;
  readonly args: Args;
  readonly passed: CanonicalArgs;
  readonly commands: readonly (BuiltIn | Command<Context, Reading>)[];
  readonly authorization: Authorization | null;
  readonly decision: Exclude<Decision, { effect: "deny" }>;
};

/** Checks a request in this order: the words, the flags' names, names for ids, the rules, the values. */
const admit = async <Context extends Reading, Reading>(
  request: RequestFrame,
  actor: Actor,
  host: CommandHost<Context, Reading>,
): Promise<Result<Admitted<Context, Reading>, ErrorBody>> => {
  const commands = [...builtInCommands, ...host.commands];
  const meant = meantAsHelp(commands, request);
  const resolved = resolveCommand(commands, meant.command, meant.args);
  if (!resolved.ok) return { ok: false, error: unresolved(resolved.error) };
  const { command, passed } = resolved.value;
  const authorization = await authorizationOf(actor, host);
  const named = await withIds(command, resolved.value.args, { actor, authorization }, host);
  const { args } = named;
  const decision = decide(actor, command, args, authorization, host.policy);
  await host.record(entryOf(actor, command, args, decision));
  if (decision.effect === "deny")
    return { ok: false, error: { code: decision.code, message: decision.reason } };
  if (named.refusal !== null) return { ok: false, error: named.refusal };
  const checked = checkArgs(command, decision.args);
  if (!checked.ok) return { ok: false, error: invalidArgs(checked.error) };
  const unfit = command.check?.(checked.value) ?? null;
  if (unfit !== null) return { ok: false, error: unfit };
  return { ok: true, value: { command, args: checked.value, passed, commands, authorization, decision } };
};

const carryOut = async <Context extends Reading, Reading>(
  request: RequestFrame,
  actor: Actor,
  host: CommandHost<Context, Reading>,
): Promise<Answer> => {
  const admitted = await admit(request, actor, host);
  if (!admitted.ok) return admitted;
  const { command, args, passed, commands, authorization, decision } = admitted.value;
  if ("answer" in command)
    return command.answer({
      actor,
      authorization,
      args,
      passed,
      commands,
      host,
      lookUp: lookUpFor({ actor, authorization }, host),
    });
  const prepared = await prepare(command, args, { actor, authorization }, host);
  if (!prepared.ok) return prepared;
  const warnings = [...(decision.effect === "allow" ? (decision.warnings ?? []) : []), ...prepared.value];
  if (decision.effect === "allow") return runCommand(command, args, { actor, authorization, warnings }, host);
  if (actor.type !== "agent") throw new TypeError(`${decision.ruleId}: only an agent can wait for a person.`);
  return hold(command, args, { actor, authorization }, host);
};

const mistyped: readonly string[] = ["invalid-args", "unknown-command"];

const advise = async <Context extends Reading, Reading>(
  error: ErrorBody,
  request: RequestFrame,
  actor: Actor,
  host: CommandHost<Context, Reading>,
): Promise<Result<never, ErrorBody>> => {
  const commands = [...builtInCommands, ...host.commands];
  const authorization = await authorizationOf(actor, host);
  const { command } = meantAsHelp(commands, request);
  return { ok: false, error: advised(error, command, { commands, actor, authorization, host }) };
};

/**
 * Answers one request: finds the command, makes its arguments canonical, applies the rules, checks values,
 * and runs the command or holds it for a person. `frame` may be any value; only `actor` identifies the
 * caller. Never rejects: an exception becomes `handler-error`, and a bug is passed to `report`.
 */
export const dispatch = async <Context extends Reading, Reading>(
  frame: unknown,
  actor: Actor,
  host: CommandHost<Context, Reading>,
): Promise<ResponseFrame> => {
  const read = readFrame(frame);
  if (!read.ok) return responseFrame(read.error.id, { ok: false, error: invalidArgs([read.error.problem]) });
  const { id, command } = read.value;
  const answer = await answerTo(read.value, actor, host).catch(afterThrow(command, host));
  return responseFrame(id, answer);
};

const answerTo = async <Context extends Reading, Reading>(
  frame: RequestFrame,
  caller: Actor,
  host: CommandHost<Context, Reading>,
): Promise<Answer> => {
  const asked = await simulated(frame, caller, [...builtInCommands, ...host.commands], host);
  if (!asked.ok) return asked;
  const { request, actor } = asked.value;
  const answer = await carryOut(request, actor, host);
  if (answer.ok || !mistyped.includes(answer.error.code)) return answer;
  return advise(answer.error, request, actor, host);
};
