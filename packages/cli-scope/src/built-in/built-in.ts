import type { Actor, Authorization } from "../decision/actor.ts";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import type { Args, Reply } from "../commands/command.ts";
import type { CommandHost } from "../dispatch/command-host.ts";
import type { LookUp } from "../dispatch/references.ts";
import type { ErrorBody } from "../wire/frame.ts";
import type { Asked } from "../commands/resolve-command.ts";
import type { Result } from "@gatehouse/std";

/**
 * The input of a built-in command: the caller and its arguments. A built-in command reads the list of
 * commands and uses no context, so it works without a transaction.
 */
export type Question = {
  readonly actor: Actor;
  readonly authorization: Authorization | null;
  readonly args: Args;
  /** For `can`: the flags of the command that the question is about. */
  readonly passed: CanonicalArgs;
  /** All commands, including the built-in ones. */
  readonly commands: readonly Asked[];
  readonly host: Pick<CommandHost<never>, "elsewhere" | "groupAuthorization" | "policy" | "resources">;
  /** Looks up rows as the caller may see them. */
  readonly lookUp: LookUp;
};

export type BuiltIn = Asked & {
  readonly answer: (question: Question) => Promise<Result<Reply, ErrorBody>>;
};
