/** A value of a message's `content`: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a message comes from, or goes to. All null for a session that serves several chats. */
export type Address = {
  readonly channelType: string | null;
  readonly platformId: string | null;
  readonly threadId: string | null;
};

/** A `system` message is from one program to another. An agent does not get it as a prompt. */
export type MessageKind = "chat" | "task" | "system";

/** A message for an agent. */
export type InboundMessage = Address & {
  /**
   * A UUID, or a name derived from one. If a message is sent again with the same id, its first content stays.
   */
  readonly id: string;
  readonly kind: MessageKind;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly content: Json;
  /** False: context only. It starts no container and is delivered together with the next trigger. */
  readonly trigger: boolean;
  /** True: only for the first poll of the next container, never for the one that runs now. */
  readonly onWake: boolean;
  /** The session of the agent that sent it; null if no agent did. */
  readonly sourceSessionId: string | null;
  /** Not before this time, ISO 8601, UTC; null for at once. */
  readonly processAfter: string | null;
};

/** A message as the agent's side receives it. */
export type ReceivedInbound = InboundMessage & {
  /** Even, because the host wrote it. An agent refers to a message by this number. */
  readonly seq: number;
  /** How many containers had the message in work and exited without an answer. */
  readonly tries: number;
  /**
   * The batch in which an earlier container claimed the message. The rest of that batch is returned as a
   * batch again, in the same order. Absent for a message that was in no batch.
   */
  readonly batch?: string;
};

/** A message of an agent. */
export type OutboundMessage = Address & {
  /**
   * If a message is sent again with the same id, it is not written twice. The id of an answer is made from
   * the id of the message that it answers.
   */
  readonly id: string;
  readonly inReplyTo: string | null;
  readonly kind: MessageKind;
  readonly timestamp: string;
  readonly content: Json;
  readonly deliverAfter: string | null;
};

/** A message as the host's side receives it. */
export type ReceivedOutbound = OutboundMessage & {
  /** Odd, because the agent's side wrote it. */
  readonly seq: number;
};

/** A place to which an agent may send, with the name that the agent uses for it. */
export type Destination = {
  readonly name: string;
  readonly displayName: string | null;
  readonly type: "channel" | "agent";
  readonly channelType: string | null;
  readonly platformId: string | null;
  readonly agentGroupId: string | null;
};
