import { visible } from "@gatehouse/std";
import { printFailure as printAny, printJson, type Io } from "@gatehouse/cli-kit/io";
import { eventOf, type LaunchEvent, type LaunchedAgent } from "./events.ts";
import type { failureMessage } from "./failure-messages.ts";
import { eventMessage } from "./event-messages.ts";

/**
 * Prints an event. With JSON: as one line on stdout. If a person has to act, also as text on stderr, one line
 * each.
 */
export const printEvent = (event: LaunchEvent, agent: LaunchedAgent, io: Io, isJson: boolean): void => {
  if (isJson) printJson(io, eventOf(event, agent));
  const output = "why" in event ? io.stderr : io.stdout;
  if (!isJson || "why" in event) output.write(`${visible(eventMessage(event, agent))}\n`);
};
/**
 * Prints why nothing was started, and returns the exit code. The texts are loaded late: a launch that
 * succeeds needs none of them.
 */
export const printFailure = async (
  error: Parameters<typeof failureMessage>[0],
  agent: LaunchedAgent,
  io: Io,
  isJson: boolean,
): Promise<number> => {
  const { failureMessage } = await import("./failure-messages.ts");
  printAny(io, isJson, failureMessage(error, agent));
  return 1;
};
