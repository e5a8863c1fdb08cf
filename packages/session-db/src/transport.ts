import type {
  Address,
  Destination,
  InboundMessage,
  Json,
  OutboundMessage,
  ReceivedInbound,
  ReceivedOutbound,
} from "./messages.ts";

/** A result whose failure is expected: `code` is kebab-case, `message` a sentence for a person. */
export type TransportResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: TransportError };

export type TransportError = {
  readonly code:
    /** Another host holds the session by now: a higher fencing token was seen. Nothing was written. */
    | "fenced"
    /** There is nothing to read yet, or the other side sent what is not known. */
    | "unreadable"
    /** The database cannot be read or written: try again. */
    | "unwritable"
    | "closed";
  readonly message: string;
};

/** Who the container is. It comes by the transport: not by argv, environment or image. */
export type Identity = {
  readonly sessionId: string;
  readonly groupId: string;
  readonly groupName: string;
  /** Counts the containers of this session, from 1. */
  readonly incarnation: number;
  /** The fencing token of the host's lease on the session. It only rises. */
  readonly token: number;
};

/** What a host gives a container before it starts. It replaces what was there. */
export type Projection = {
  readonly identity: Identity;
  readonly routing: Address;
  readonly destinations: readonly Destination[];
};

/** How the host ended with one outbound message. */
export type Delivery = {
  readonly id: string;
  /** `claimed`: begun, and not to be begun again after a crash (a command of `ncl`). The others are final. */
  readonly status: "claimed" | "delivered" | "failed";
  readonly platformMessageId: string | null;
  readonly at: string;
};

/** A received outbound message, and whether an earlier host had begun with it. */
export type Undelivered = ReceivedOutbound & { readonly wasClaimed: boolean };

/** How a container ended with one inbound message. */
export type Acknowledgement = {
  readonly id: string;
  readonly status: "processing" | "completed" | "failed";
  /** Why it failed, a sentence. */
  readonly reason: string | null;
};

/** Where a message came from: the chat, or the session of the agent, that sent it; all null for the host's own. */
export type Origin = Address & Pick<InboundMessage, "sourceSessionId">;

/** What the host's side knows of a session. */
export type SessionState = {
  /** Last heartbeat of the container; null without one. ISO 8601, UTC. */
  readonly heartbeat: string | null;
  /** Messages that the container of this incarnation has in work, and since when. */
  readonly claims: readonly { readonly id: string; readonly since: string; readonly incarnation: number }[];
  /** The tool that the agent is in, and the time that it declared, ms. */
  readonly tool: {
    readonly name: string;
    readonly startedAt: string;
    readonly timeoutMs: number | null;
  } | null;
  /** Messages that would wake a container now. */
  readonly due: number;
  /** The next time a message becomes due; null if none waits. */
  readonly nextDueAt: string | null;
  /** Newly ended since the last call: what `settle` wrote into the host's own rows. */
  readonly ended: readonly (Acknowledgement & { readonly tries: number })[];
};

/** A message of a person that waits for a container, and the chat that it came from. */
export type Waiting = {
  readonly id: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly threadId: string | null;
};

/** A message of a person or an agent that has not ended, and its number. */
export type Unanswered = Origin & Pick<ReceivedInbound, "id" | "seq">;

/** A question of an agent that somebody else answers: may this tool run? It stays through restarts, of both sides. */
export type Question = { readonly id: string; readonly content: Json; readonly askedAt: string };

/** What the host tells a running agent, and keeps nowhere. */
export type Notice =
  /** The turn that it is in has to end without an answer. */
  | "interrupt"
  /** The host stops: nothing new is claimed until another one welcomes the agent. */
  | "drain"
  /** A host has welcomed the agent. */
  | "resume";

/** The host's end of one session's transport. One host at a time writes; the fencing token says which. */
export type HostEnd = {
  /** Writes the messages in this order, all or none. A known id is left as it is. */
  readonly send: (
    messages: readonly InboundMessage[],
  ) => Promise<TransportResult<{ readonly written: number; readonly known: number }>>;
  /**
   * What the agent sent and the host has not ended with, oldest first. Fewer than `limit` may come although there
   * are more, where they are long. Its work does not grow with history.
   */
  readonly receive: (options: {
    readonly limit: number;
    /** Messages with a later `deliverAfter` are left out. ISO 8601, UTC. */
    readonly now: string;
    /** Messages that are not wanted now. Those behind them come in their place. */
    readonly except?: readonly string[];
  }) => Promise<TransportResult<readonly Undelivered[]>>;
  /** Writes how messages ended and, in the same transaction, what answers them: all or none, as `send` does. */
  readonly acknowledge: (
    deliveries: readonly Delivery[],
    answers?: readonly InboundMessage[],
  ) => Promise<TransportResult<null>>;
  /**
   * Takes over the container's acknowledgements into the host's rows, and says how the session stands.
   */
  readonly state: (now: string) => Promise<TransportResult<SessionState>>;
  /**
   * People's messages that would wake a container now, oldest first. Call it where no container runs: what one
   * has in work may be among them.
   */
  readonly waiting: (options: {
    readonly limit: number;
    readonly now: string;
  }) => Promise<TransportResult<readonly Waiting[]>>;
  /**
   * What people and agents sent, would wake a container, and has not ended: due or not, in work or not, oldest first.
   * `after` is the number of the last one of the page before. For a session that is closed with it.
   */
  readonly unanswered: (options: {
    readonly limit: number;
    readonly after?: number;
  }) => Promise<TransportResult<readonly Unanswered[]>>;
  /** Identity, routing and destinations for the next container, or new ones for the one that runs. */
  readonly project: (projection: Projection) => Promise<TransportResult<null>>;
  /**
   * Call it when a container has ended: what it left in work is due again after `backoffMs(tries)`, with one
   * more try; after `maxTries` it has failed. Returns those that failed. With `isInterrupted` nobody blames the
   * messages: they are due at once, and it was no try.
   */
  readonly release: (options: {
    readonly now: string;
    readonly maxTries: number;
    readonly backoffMs: (tries: number) => number;
    readonly isInterrupted?: boolean;
  }) => Promise<TransportResult<readonly Acknowledgement[]>>;
  /** Who sent a message to the agent; null if it is not known. */
  readonly origin: (messageId: string) => Promise<TransportResult<Origin | null>>;
  /** The session of that group's agent that wrote to this one last; null if none did. */
  readonly lastSource: (groupId: string) => Promise<TransportResult<string | null>>;
  /**
   * What costs next to nothing to know: whether the container may have written since the last `receive` that
   * succeeded, and its last heartbeat, as in `state`. It never says no where it cannot tell.
   */
  readonly glance: () => { readonly mayHaveNews: boolean; readonly heartbeat: string | null };
  /** Called when the other side may have written something. Returns a function that ends it. */
  readonly onChange: (listener: () => void) => () => void;
  /** Interrupts the agent's turn, if it is in one and is connected. */
  readonly interrupt: () => Promise<TransportResult<null>>;
  /** Called with what the agent says of its work: at most ten times a second, and not each time. */
  readonly onProgress: (listener: (text: string) => void) => () => void;
  /** Questions of the agent that have no answer yet, oldest first. */
  readonly questions: () => Promise<TransportResult<readonly Question[]>>;
  /** Answers a question. False if it is not known, or has an answer: the first one stays. */
  readonly answer: (id: string, answer: Json, now: string) => Promise<TransportResult<boolean>>;
  readonly close: () => Promise<void>;
};

/** The end inside the container. */
export type AgentEnd = {
  readonly projection: () => Promise<TransportResult<Projection>>;
  /**
   * The next messages, oldest first, at most `limit`: those of `onWake` first, on the first poll of the
   * incarnation they are for; then triggers, then context. Empty where there is context alone. Nothing that is
   * in work or ended, and no `system` message.
   */
  readonly receive: (options: {
    readonly isFirst: boolean;
    readonly limit: number;
    readonly now: string;
  }) => Promise<TransportResult<readonly ReceivedInbound[]>>;
  /** System messages that were not acknowledged, oldest first. */
  readonly receiveSystem: (limit: number) => Promise<TransportResult<readonly ReceivedInbound[]>>;
  /** Acknowledges and sends in one transaction: an answer and its acknowledgement are there together or not. */
  readonly commit: (work: {
    readonly acknowledgements: readonly Acknowledgement[];
    readonly messages: readonly OutboundMessage[];
    readonly now: string;
    /** A UUID for what is claimed here, in this order: the host keeps it before an agent is given the batch. */
    readonly batch?: string | undefined;
  }) => Promise<TransportResult<null>>;
  /** A value that the next container finds again: the conversation of a provider. */
  readonly get: (key: string) => Promise<TransportResult<Json | undefined>>;
  readonly set: (key: string, value: Json | undefined, now: string) => Promise<TransportResult<null>>;
  readonly setTool: (tool: SessionState["tool"], now: string) => Promise<TransportResult<null>>;
  readonly heartbeat: () => Promise<void>;
  /** Whether the host is there now. What is called while it is away waits for it. */
  readonly isConnected: () => boolean;
  /** Says what the agent is at. Lossy, and kept nowhere. */
  readonly progress: (text: string) => void;
  /** Asks a question, which the host keeps. A known id is left as it is. The next container may ask for its answer. */
  readonly ask: (question: Question) => Promise<TransportResult<null>>;
  /** The answer to a question; undefined while there is none. A change tells that one may have come. */
  readonly answerTo: (questionId: string) => Promise<TransportResult<Json | undefined>>;
  readonly onNotice: (listener: (notice: Notice) => void) => () => void;
  /** Says that nothing is in work since the host asked to `drain`. */
  readonly drained: () => void;
  /**
   * Called when the host may have written something, or a message becomes due that the last `receive` was too early
   * for. Returns a function that ends it.
   */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => Promise<void>;
};
