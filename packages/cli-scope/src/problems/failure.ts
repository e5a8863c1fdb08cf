import type { CommandError } from "../commands/command.ts";
import type { ErrorBody } from "../wire/frame.ts";
import { explain } from "./command-messages.ts";
import type { Problem } from "./problem.ts";

/** Puts all problems of a command into one error. */
export const invalidArgs = (problems: readonly Problem[]): CommandError => ({
  code: "invalid-args",
  message: problems.map(explain).join(" "),
});

/** The error if no command could be resolved. The first problem decides the code. */
export const unresolved = (problems: readonly Problem[]): ErrorBody =>
  problems[0]?.code === "command-unknown"
    ? { code: "unknown-command", message: explain(problems[0]) }
    : invalidArgs(problems);

/**
 * The error for a missing row. A row of another group gets the same text, so that a caller cannot learn which
 * ids exist.
 */
export const noSuchRow = (resource: string, id: string, flag?: string): CommandError => ({
  code: "not-found",
  message: explain({ code: "no-such-row", resource, id, ...(flag === undefined ? {} : { flag }) }),
});
