import { canonicalText } from "../args/canonical-text.ts";
import type { Args, Command, CommandError, Reply } from "../commands/command.ts";
import type { AgentActor, Authorization } from "../decision/actor.ts";
import { reachOf } from "../decision/confined.ts";
import { explain } from "../problems/command-messages.ts";
import type { ErrorBody } from "../wire/frame.ts";
import type { CommandHost } from "./command-host.ts";
import { missingReference } from "./references.ts";
import { consequenceOf, previewOf } from "./run-command.ts";
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
  const refusal = await rehearse(command, args, agent, host);
  if (refusal !== null) return { ok: false, error: refusal };
  const consequence = await consequenceOf(command, args, agent, host);
  if (!consequence.ok) return consequence;
  const preview = await previewOf(command, args, agent, host);
  if (!preview.ok) return preview;
  if (agent.actor.simulatedBy !== undefined) return { ok: false, error: wouldWait(command.words) };
  const held = await host.hold({
    actor: agent.actor,
    command: command.words,
    args,
    consequence: consequence.value,
    preview: preview.value,
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

/**
 * Checks if the command would fail: the rows that its flags refer to, then the command itself, which the host rolls back.
 * Both reach no further than the agent.
 */
const rehearse = async <Context extends Reading, Reading>(
  command: Command<Context, Reading>,
  args: Args,
  agent: AskingAgent,
  host: CommandHost<Context, Reading>,
): Promise<CommandError | null> => {
  const { actor } = agent;
  const reach = reachOf(agent, host);
  if (host.referred !== undefined) {
    const named = await host.read(reach, async (context) => {
      const missing = await missingReference(command, args, { actor, context }, host);
      return missing === null ? { ok: true, value: null } : { ok: false, error: missing };
    });
    if (!named.ok) return named.error;
  }
  if (host.rehearse === undefined) return null;
  return host.rehearse(reach, (context) =>
    command.effect === "act"
      ? command.intent(args, { actor, context })
      : command.run(args, { actor, context }),
  );
};
