import type { ReceivedInbound } from "@gatehouse/session-rows/messages";
import { fail, fieldsOf, ok, type Result } from "@gatehouse/std";
import { limits } from "../limits.ts";
import type { CommandEnd } from "../task-command.ts";
import type { Agent } from "./agent-state.ts";

/** The value of a session with the last task whose command woke the agent, and the command's output. */
const outputKey = "task-output";

/**
 * How the command of a task's message ended. One that woke the agent does not run again after a kill: the turn may have
 * begun, and has to go on. The error is a sentence.
 */
export const conditionEnd = async (
  { side, calls, runCommand }: Agent,
  { id }: ReceivedInbound,
  command: string,
  signal: AbortSignal,
): Promise<Result<CommandEnd, string>> => {
  const kept = fieldsOf(await calls.persist(() => side.get(outputKey)));
  if (kept["message"] === id && typeof kept["output"] === "string")
    return ok({ code: 0, output: kept["output"] });
  if (signal.aborted) return fail("The turn was interrupted.");
  const ended = await runCommand(command, signal);
  if (!ended.ok) return fail(ended.error.slice(0, limits.reasonCharacters));
  const { code, output } = ended.value;
  if (code === 0 && !signal.aborted)
    await calls.persist(() => side.set(outputKey, { message: id, output }, calls.now()));
  return ended;
};
