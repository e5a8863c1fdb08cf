import { canonicalText } from "../args/canonical-text.ts";
import type { Args, Command, CommandError, Reply } from "../commands/command.ts";
import type { AgentActor, Authorization } from "../decision/actor.ts";
import { reachOf } from "../decision/confined.ts";
import { explain } from "../problems/command-messages.ts";
import type { ErrorBody } from "../wire/frame.ts";
import type { CommandHost } from "./command-host.ts";
import { missingReference } from "./references.ts";
import { consequenceOf } from "./run-command.ts";
import type { Result } from "@gatehouse/std";

type AskingAgent = { readonly actor: AgentActor; readonly authorization: Authorization | null };

/**
 * Holds a command for a person. Refuses a command that would fail if it ran now, so that no person has to
 * answer it. After the approval, `replay` makes every check again.
 */
export const hold = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  agent: AskingAgent,
  host: CommandHost<Context, Reading>,
): Promise<Result<Reply, ErrorBody>> => {
  const previewed = await preview(command, args, agent, host);
  if (!previewed.ok) return previewed;
  const consequence = await consequenceOf(command, args, agent, host);
  if (!consequence.ok) return consequence;
  if (agent.actor.simulatedBy !== undefined) return { ok: false, error: wouldWait(command.words) };
  const held = await host.hold({
    actor: agent.actor,
    command: command.words,
    args,
    consequence: consequence.value,
    canonical: canonicalText(command.words, args),
  });
  if (!held.ok) return held;
  const approvalId = held.value;
  const message = explain({ code: "approval-pending", command: command.words });
  return { ok: false, error: { code: "approval-pending", message, approvalId } };
};

/**
 * The answer for a simulated agent. Its command is not held: there is no session that could get the outcome.
 */
const wouldWait = (command: string): ErrorBody => ({
  code: "approval-pending",
  message: explain({ code: "approval-simulated", command }),
});

/** Checks if the command would fail, in a context that cannot write and reaches no further than the agent. */
const preview = <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  agent: AskingAgent,
  host: CommandHost<Context, Reading>,
): Promise<Result<null, CommandError>> => {
  const hasChecks = host.referred !== undefined || command.preview !== undefined;
  if (!hasChecks) return Promise.resolve({ ok: true, value: null });
  return host.read(reachOf(agent, host), async (context) => {
    const call = { actor: agent.actor, context };
    const refusal =
      (await missingReference(command, args, call, host)) ?? (await command.preview?.(args, call)) ?? null;
    return refusal === null ? { ok: true, value: null } : { ok: false, error: refusal };
  });
};
