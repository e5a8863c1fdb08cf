import type {
  Address,
  Destination,
  InboundMessage,
  Json,
  OutboundMessage,
  ReceivedInbound,
  ReceivedOutbound,
} from "./messages.ts";
import type { Notice, Progress } from "./live.ts";

/** A result with expected failures: `code` is kebab-case, `message` a sentence for a person. */
export type TransportResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: TransportError };

export type TransportError = {
  readonly code:
    /** A host with a newer token has written, or the session has a newer incarnation. Nothing was written. */
    | "fenced"
    /** There is nothing to read yet, or the other side sent something unknown. */
    | "unreadable"
    /** The database cannot be read or written. Try again. */
    | "unwritable"
    | "closed";
  readonly message: string;
};

/** Identity of the container. The transport delivers it, not argv, the environment or the image. */
export type Identity = {
  readonly sessionId: string;
  readonly groupId: string;
  readonly groupName: string;
  /** Counts the containers of this session, from 1. */
  readonly incarnation: number;
  /** The fencing token of the host's lease on the session. It only rises. */
  readonly token: number;
};

/** The values that a host gives a container before it starts. They replace earlier ones. */
export type Projection = {
  readonly identity: Identity;
  readonly routing: Address;
  readonly destinations: readonly Destination[];
  /** The rules by which the group's CLI allows tools without asking, in its own form. */
  readonly toolRules: readonly string[];
};

/** Values of secrets, by name. They are in memory only: no side stores them. */
export type Secrets = Readonly<Record<string, string>>;

/** The outcome of one outbound message. */
export type Delivery = {
  readonly id: string;
  /** `claimed`: started, and never started again after a crash (a command of `ncl`). The others are final. */
  readonly status: "claimed" | "delivered" | "failed";
  readonly platformMessageId: string | null;
  readonly at: string;
  /** The message that it answers. If that one has completed, its end counts as told. */
  readonly answers?: string;
};

/** A received outbound message, and whether a host had claimed it: this one, or an earlier one. */
export type Undelivered = ReceivedOutbound & { readonly wasClaimed: boolean };

/** The status of one inbound message, as its container reports it. */
export type Acknowledgement = {
  readonly id: string;
  readonly status: "processing" | "completed" | "failed";
  /** Why it failed, a sentence. */
  readonly reason: string | null;
};

/** The chat that a message came from, or the session of the sending agent; all null for the host's own. */
export type Origin = Address & Pick<InboundMessage, "sourceSessionId">;

/** The state of a session, as the host sees it. */
export type SessionState = {
  /** The incarnation that the host projected last; 0 if none. */
  readonly incarnation: number;
  /** Messages that an agent has in work, each with the time of its claim and the incarnation of that agent. */
  readonly claims: readonly { readonly id: string; readonly since: string; readonly incarnation: number }[];
  /** The tool that the agent uses now, and the time that it declared for it, ms. */
  readonly tool: {
    readonly name: string;
    readonly startedAt: string;
    readonly timeoutMs: number | null;
  } | null;
  /** Messages that would wake a container now. */
  readonly due: number;
  /** The next time at which a message becomes due; null if no message waits. */
  readonly nextDueAt: string | null;
  /** Messages whose end is not told yet, oldest first. */
  readonly ended: readonly Ended[];
  /** The highest number of the session's messages when this was read. */
  readonly readTo: number;
};

/** A message that ended. Its sender is told of it at least once, and drops a second word by its id. */
export type Ended = Origin & {
  readonly id: string;
  readonly status: "completed" | "failed";
  /** Why it failed, a sentence. */
  readonly reason: string | null;
  readonly tries: number;
  /** Whether the agent's answer was sent or waits to be sent; null without an answer. */
  readonly answer: "sent" | "waits" | null;
};

/** A message of a person that waits for a container, and the chat that it came from. */
export type Waiting = {
  readonly id: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly threadId: string | null;
};

/** A message of a person or an agent that has not ended, with its number. */
export type Unanswered = Origin & Pick<ReceivedInbound, "id" | "seq">;

/** A question of an agent, for example whether a tool may run. It survives restarts of both sides. */
export type Question = { readonly id: string; readonly content: Json; readonly askedAt: string };

/** `withdrawn`: a message of a claim was withdrawn before, so nothing was written. */
export type Committed = "withdrawn" | null;

/** The agent's side of the transport, inside the container. */
export type AgentSide = {
  readonly projection: () => Promise<TransportResult<Projection>>;
  /** The secrets that the configuration of the agent's group names and the host has. Not stored anywhere. */
  readonly secrets: () => Promise<TransportResult<Secrets>>;
  /**
   * The next messages, oldest first, at most `limit`. Those of `onWake` come first, on the first poll of the
   * incarnation they are for; then triggers, then context. Empty if there is only context. Messages that are
   * in work or ended, and `system` messages, are not returned.
   * `offer`, of an agent without work: if there is nothing, the host may claim the next message of a person for the agent as it
   * writes it, as a batch with this id. A later call with the same offer returns that message, with `batch`.
   */
  readonly receive: (options: {
    readonly isFirst: boolean;
    readonly limit: number;
    readonly now: string;
    readonly offer?: string | undefined;
  }) => Promise<TransportResult<readonly ReceivedInbound[]>>;
  /** System messages that are not acknowledged, oldest first. */
  readonly receiveSystem: (limit: number) => Promise<TransportResult<readonly ReceivedInbound[]>>;
  /** Acknowledges and sends in one transaction: an answer and its acknowledgement are stored together. */
  readonly commit: (work: {
    readonly acknowledgements: readonly Acknowledgement[];
    readonly messages: readonly OutboundMessage[];
    readonly now: string;
    /** A UUID for the claims here, in this order. The host stores it before the agent gets the batch. */
    readonly batch?: string | undefined;
  }) => Promise<TransportResult<Committed>>;
  /** A stored value, also of an earlier container: the conversation of a provider. */
  readonly get: (key: string) => Promise<TransportResult<Json | undefined>>;
  readonly set: (key: string, value: Json | undefined, now: string) => Promise<TransportResult<null>>;
  readonly setTool: (tool: SessionState["tool"], now: string) => Promise<TransportResult<null>>;
  readonly heartbeat: () => Promise<void>;
  /** Whether the host is connected now. Calls made while it is away wait for it. */
  readonly isConnected: () => boolean;
  /** Reports what the agent is writing now. Some reports are dropped, and none is stored. */
  readonly progress: (progress: Progress) => void;
  /** Asks a question, which the host stores. Known ids are skipped. The next container may get the answer. */
  readonly ask: (question: Question) => Promise<TransportResult<null>>;
  /** The answer to a question; undefined until there is one. `onChange` signals that one may have come. */
  readonly answerTo: (questionId: string) => Promise<TransportResult<Json | undefined>>;
  /**
   * Called when the host may have written something, or when a message becomes due that was not due at the
   * last `receive`. Returns a function that stops listening.
   */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => Promise<void>;
};

/** The agent's side in a runner: a connection to a host that may stop, and to the next one. */
export type RunnerSide = AgentSide & {
  readonly onNotice: (listener: (notice: Notice) => void) => () => void;
  /** Reports that nothing is in work since the host sent `drain`. */
  readonly drained: () => void;
};
