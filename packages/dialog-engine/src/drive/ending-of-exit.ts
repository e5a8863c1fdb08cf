import type { DriveEnding } from "./drive-types.ts";
import type { Memory } from "./memory.ts";
import type { TerminalExit } from "../ports.ts";
import type { Observation } from "../rules/observe.ts";

/** The outcome of a run whose program has exited, from its last screen and the run's memory. */
export const endingOfExit = (
  { exitCode, signal }: TerminalExit,
  seen: Observation<string>,
  memory: Memory,
  endsAnswered: boolean,
): DriveEnding<never> => {
  // A program may exit on a screen that is left to a person (no connection). That screen is then the reason.
  if (seen.type === "block") return { outcome: "blocked", code: seen.rule.code, dialog: seen.rule.id };
  if (signal !== undefined) return { outcome: "exited", exitCode, signal };
  const isOpen = "dialog" in seen && !memory.confirmed.has(memory.screenId);
  return endsAnswered && exitCode === 0 && memory.confirmed.size > 0 && !isOpen
    ? { outcome: "answered" }
    : { outcome: "exited", exitCode };
};
