import type { Actor, Authorization } from "../decision/actor.ts";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import type { Args, Reply } from "../commands/command.ts";
import type { CommandHost } from "../dispatch/command-host.ts";
import type { ErrorBody } from "../wire/frame.ts";
import type { Asked } from "../commands/resolve-command.ts";
import type { Result } from "@gatehouse/std";

/** What a built-in command is asked, by whom. It reads the list of commands, and no context: it works without a transaction. */
export type Question = {
  readonly actor: Actor;
  readonly authorization: Authorization | null;
  readonly args: Args;
  /** For `can`: the flags of the command that it is asked about. */
  readonly passed: CanonicalArgs;
  /** All commands there are, the built-in ones among them. */
  readonly commands: readonly Asked[];
  readonly host: Pick<CommandHost<never>, "groupAuthorization" | "policy" | "resources">;
};

export type BuiltIn = Asked & {
  readonly answer: (question: Question) => Promise<Result<Reply, ErrorBody>>;
};
