import type { CommandError } from "../commands/command.ts";
import type { ErrorBody } from "../wire/frame.ts";
import { explain } from "./explain.ts";
import type { Problem } from "./problem.ts";

/** What is wrong with a command, all of it, in one error. */
export const invalidArgs = (problems: readonly Problem[]): CommandError => ({
  code: "invalid-args",
  message: problems.map(explain).join(" "),
});

/** Why there is nothing to run: the first problem says which code it is. */
export const unresolved = (problems: readonly Problem[]): ErrorBody =>
  problems[0]?.code === "command-unknown"
    ? { code: "unknown-command", message: explain(problems[0]) }
    : invalidArgs(problems);

/** A row that is not there and one of another group: the same words, so that nobody learns which ids exist. */
export const noSuchRow = (resource: string, id: string): CommandError => ({
  code: "not-found",
  message: explain({ code: "no-such-row", resource, id }),
});
