import type { Result } from "@gatehouse/std";
import type { ResponseFrame } from "@nc/cli-scope";
import type { Destination, ReceivedInbound } from "@nc/session-db";

/** An agent, as the runner drives it: one conversation, turn by turn. */
export type Provider = {
  /** As in container.json. The conversation is kept under this name. */
  readonly name: string;
  /** Called before the first turn: with the conversation to resume, or null for a new one. */
  readonly start: (conversation: string | null) => Promise<Result<null, ProviderError>>;
  /**
   * One turn. It must come to its end soon after `tools.signal` is aborted, and nobody waits for that: the
   * result of an aborted turn is thrown away. What it throws counts as `failed`.
   */
  readonly turn: (prompt: Prompt, tools: TurnTools) => Promise<Result<TurnEnd, ProviderError>>;
};

export type ProviderError = {
  readonly code:
    /** The conversation is not known any more. It is forgotten, and a new one started. */
    | "invalid-conversation"
    /** Tried again after a while: no connection, an overloaded service. */
    | "unavailable"
    | "failed";
  /** A sentence for the person who wrote. */
  readonly message: string;
};

export type Prompt = {
  /** At least one that wants an answer. Context (`trigger` false, not `onWake`) wants none. */
  readonly messages: readonly ReceivedInbound[];
  /** What the runner has to tell the agent about its last turn: a destination that it does not have. */
  readonly notes: readonly string[];
  /** The UUID of what began the turn. The host keeps it: after a kill the same messages come with the same one. */
  readonly batch: string;
};

export type TurnTools = {
  readonly signal: AbortSignal;
  /** A prompt as one text for a model: who wrote, when, and where. */
  readonly promptText: (prompt: Prompt) => string;
  readonly destinations: readonly Destination[];
  /** The files that came with a message, and where they are. */
  readonly attachmentsOf: (message: ReceivedInbound) => readonly AttachedFile[];
  /**
   * For a provider that takes messages while its turn runs: the listener gets them, and says whether they are
   * part of this turn. If not, they wait for the next.
   */
  readonly onFollowUp: (listener: (messages: readonly ReceivedInbound[]) => boolean) => void;
  /** Runs a command of `ncl` as this session's agent, given as argv. */
  readonly ncl: (argv: readonly string[]) => Promise<ResponseFrame>;
  /** Declares the tool that the agent is in, and how long that may take; null when it is out of it. */
  readonly setTool: (tool: { readonly name: string; readonly timeoutMs: number | null } | null) => void;
};

/** A file that came with a message. */
export type AttachedFile = { readonly name: string; readonly path: string };

export type TurnEnd = {
  readonly answers: readonly Answer[];
  /** What `start` needs to resume after this turn; null if there is nothing. */
  readonly conversation: string | null;
};

/** Something that the agent says. */
export type Answer = {
  readonly text: string;
  /** The id of the message that it answers; null if it answers none. */
  readonly inReplyTo: string | null;
  /** The name of a destination; without it the answer goes where the message came from. */
  readonly to?: string;
  /**
   * Files that go with it, by their paths, at most `attachmentLimits` of `@nc/session-db`. They are copied when
   * the turn has ended; one that cannot be is left out, and the agent is told.
   */
  readonly files?: readonly string[];
};
