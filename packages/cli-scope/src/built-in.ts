import type { Actor, Standing } from "./actor.ts";
import type { CanonicalArgs } from "./canonical-args.ts";
import type { Args, Reply } from "./command.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { ErrorBody } from "./frame.ts";
import type { Asked } from "./resolve-command.ts";
import type { Result } from "@gatehouse/std";

/** What a built-in command is asked, by whom. It reads the list of commands, and no world: it works without a transaction. */
export type Question = {
  readonly actor: Actor;
  readonly standing: Standing | null;
  readonly args: Args;
  /** For `can`: the flags of the command that it is asked about. */
  readonly passed: CanonicalArgs;
  /** All commands there are, the built-in ones among them. */
  readonly commands: readonly Asked[];
  readonly host: Pick<Dispatcher<never>, "groupStanding" | "resources">;
};

export type BuiltIn = Asked & {
  readonly answer: (question: Question) => Promise<Result<Reply, ErrorBody>>;
};
