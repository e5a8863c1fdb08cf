import type { Result } from "@gatehouse/std";
import type { Actor, CommandError, ResponseFrame } from "@nc/cli-scope";

/** The approvals that a caller sees: all, or those that agents of these groups asked for. */
export type Shown = "all" | readonly string[];

/** Answers to commands that wait for a person, as part of the transaction. */
export type Answering = {
  readonly shownTo: (actor: Actor) => Promise<Shown>;
  /**
   * Runs the command once, as the agent that asked. If it fails, only the command is rolled back: the
   * approval is used up. `group`: the one that is to answer in a chat, of a question about a chat.
   */
  readonly approve: (
    id: string,
    actor: Actor,
    group?: string,
  ) => Promise<Result<ResponseFrame, CommandError>>;
  readonly reject: (id: string, actor: Actor, reason?: string) => Promise<Result<null, CommandError>>;
};
