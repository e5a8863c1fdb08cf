/** A value of a message's `content`: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a message comes from, or goes to. All null for a session that serves several chats. */
export type Address = {
  readonly channelType: string | null;
  readonly platformId: string | null;
  readonly threadId: string | null;
};

/** What a message is about. A `system` message is between programs, and no agent reads it as a prompt. */
export type MessageKind = "chat" | "task" | "webhook" | "system";

/** A message for an agent. */
export type InboundMessage = Address & {
  /** A UUID, or a name made from one. Sent again it is known, and its first content stays. */
  readonly id: string;
  readonly kind: MessageKind;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly content: Json;
  /** False: context only. It wakes nobody, and rides along with one that does. */
  readonly trigger: boolean;
  /** True: for the first poll of the next container, and never for one that runs now. */
  readonly onWake: boolean;
  /** The session of the agent that sent it; null if no agent did. */
  readonly sourceSessionId: string | null;
  /** Not before this time, ISO 8601, UTC; null for at once. */
  readonly processAfter: string | null;
};

/** A message as the agent's side receives it. */
export type ReceivedInbound = InboundMessage & {
  /** Even: the host wrote it. What an agent calls a message by. */
  readonly seq: number;
  /** How many containers had it and ended without an answer. */
  readonly tries: number;
  /**
   * The batch that an earlier container claimed it with. What is left of a batch comes again by itself, in the order of
   * before. Absent for a message that was in none.
   */
  readonly batch?: string;
};

/** A message of an agent. */
export type OutboundMessage = Address & {
  /** Sent again it is known: an answer to one message has an id made from that message's. */
  readonly id: string;
  readonly inReplyTo: string | null;
  readonly kind: MessageKind;
  readonly timestamp: string;
  readonly content: Json;
  readonly deliverAfter: string | null;
};

/** A message as the host's side receives it. */
export type ReceivedOutbound = OutboundMessage & {
  /** Odd: the agent's side wrote it. */
  readonly seq: number;
};

/** Where an agent may send to, under the name it uses. */
export type Destination = {
  readonly name: string;
  readonly displayName: string | null;
  readonly type: "channel" | "agent";
  readonly channelType: string | null;
  readonly platformId: string | null;
  readonly agentGroupId: string | null;
};
