import { canonicalText } from "../args/canonical-text.ts";
import { flagProblems } from "../args/check-args.ts";
import type { Reply } from "../commands/command.ts";
import { decide } from "../decision/decide.ts";
import type { HeldCommand } from "../decision/decision.ts";
import type { CommandHost } from "./command-host.ts";
import { explain } from "../problems/command-messages.ts";
import { invalidArgs, unresolved } from "../problems/failure.ts";
import type { ErrorBody, ResponseFrame } from "../wire/frame.ts";
import { afterThrow, responseFrame } from "./respond.ts";
import type { Result } from "@gatehouse/std";
import { consequenceOf, entryOf, runCommand } from "./run-command.ts";

/** What an approval is compared with. */
type Approved = Omit<HeldCommand, "preview">;

const carryOutHeld = async <Context extends Reading, Reading>(
  held: Approved,
  host: CommandHost<Context, Reading>,
): Promise<Result<Reply, ErrorBody>> => {
  const { actor, args } = held;
  const command = host.commands.find(({ words }) => words === held.command);
  if (command === undefined)
    return { ok: false, error: unresolved([{ code: "command-unknown", name: held.command, near: null }]) };
  const authorization = await host.authorization(actor);
  const decision = decide(actor, command, args, authorization, host.policy);
  await host.record(entryOf(actor, command, args, decision));
  if (decision.effect === "deny")
    return { ok: false, error: { code: decision.code, message: decision.reason } };
  const problems = flagProblems(command, args);
  if (problems.length > 0) return { ok: false, error: invalidArgs(problems) };
  // If the wiring has changed since, the new one would be filled in, but the person has seen the old one.
  const isSame = canonicalText(command.words, { ...args, ...decision.args }) === held.canonical;
  if (!isSame) return changedSince(command.words);
  const consequence = await consequenceOf(command, args, { actor, authorization }, host);
  if (!consequence.ok) return consequence;
  const isAsShown = JSON.stringify(consequence.value) === JSON.stringify(held.consequence);
  return isAsShown ? runCommand(command, args, { actor, authorization }, host) : changedSince(command.words);
};

const changedSince = (command: string): Result<never, ErrorBody> => ({
  ok: false,
  error: { code: "forbidden", message: explain({ code: "changed-since-asked", command }) },
});

/**
 * Runs an approved command as the agent that asked for it. It decides again with the current state of the
 * store, and runs only if the command is still the one that was held. The host must ensure, in the
 * transaction of its `change`, that the command was approved by the right person, and that it runs once.
 */
export const replay = async <Context extends Reading, Reading>(
  held: Approved,
  host: CommandHost<Context, Reading>,
  id: string,
): Promise<ResponseFrame> => {
  const answer = await carryOutHeld(held, host).catch(afterThrow(held.command, host));
  return responseFrame(id, answer);
};
