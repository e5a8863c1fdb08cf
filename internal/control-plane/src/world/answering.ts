import type { Result } from "@gatehouse/std";
import type { Actor, CommandError, ResponseFrame } from "@nc/cli-scope";

/** Whose approvals somebody is shown: all of them, or those that agents of these groups asked for. */
export type Shown = "all" | readonly string[];

/** What persons do about commands that wait for one. All of it is part of the transaction. */
export type Answering = {
  readonly shownTo: (actor: Actor) => Promise<Shown>;
  /** Runs the command as the agent that asked, once, and gives its answer. If it fails, it alone is undone: the approval is used up. */
  readonly approve: (id: string, actor: Actor) => Promise<Result<ResponseFrame, CommandError>>;
  readonly reject: (id: string, actor: Actor, reason?: string) => Promise<Result<null, CommandError>>;
};
