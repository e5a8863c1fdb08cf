import type { Card, Result } from "@gatehouse/std";
import type { Actor, CommandError, ResponseFrame } from "@nc/cli-scope";

/** The approvals that a caller sees: all, or those of these groups. */
export type Shown = "all" | readonly string[];

/** A person's words with an approval. Each kind of approval takes some of them, and refuses the rest. */
export type ApprovalChoice = {
  /** For a question about a chat: the group that is to answer there. */
  readonly group?: string | undefined;
  /** For a tool: the same request of this group is allowed from now on. */
  readonly isAlways?: boolean | undefined;
  /** For a tool: the number, from 1, of the suggestion of its CLI that is allowed from now on. */
  readonly rule?: number | undefined;
  /** For a question of an agent: the answer, as the person typed it. */
  readonly answer?: string | undefined;
  /** The digest of the card that the person has read. Another card is refused. */
  readonly seen?: string | undefined;
};

/** Shows and answers approvals, within the transaction of the context. */
export type Answering = {
  readonly shownTo: (actor: Actor) => Promise<Shown>;
  /** The card of an approval that waits; null for any other. */
  readonly card: (id: string) => Promise<Card | null>;
  /**
   * Runs the command once, as the agent that asked. If it fails, only the command is rolled back, and the
   * approval is used up.
   */
  readonly approve: (
    id: string,
    actor: Actor,
    choice?: ApprovalChoice,
  ) => Promise<Result<ResponseFrame, CommandError>>;
  readonly reject: (
    id: string,
    actor: Actor,
    choice?: Pick<ApprovalChoice, "seen"> & { readonly reason?: string | undefined },
  ) => Promise<Result<null, CommandError>>;
};
