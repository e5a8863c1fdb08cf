import { createHash } from "node:crypto";

/** A message of one agent to another goes on at most this often before a person has to write again. */
export const maxHops = 20;

/** What the id of a message between agents says. */
export type AgentMessage = {
  /** The session of the agent that sent it: the answer returns to this one. */
  readonly sessionId: string;
  /** How many messages between agents led to this one, itself included. */
  readonly hop: number;
};

const form = /^a2a-(\d{1,4})-(.{1,80})-[0-9a-f]{16}$/s;

/**
 * The id under which the other agent gets a message. It is the same each time the message is passed on, and
 * carries where the answer goes to, and the length of the chain: both outlive the host.
 */
export const agentMessageId = ({ sessionId, hop }: AgentMessage, outboundId: string): string =>
  `a2a-${hop}-${sessionId}-${createHash("sha256").update(outboundId).digest("hex").slice(0, 16)}`;

/** Null for an id of another kind of message. */
export const parseAgentMessageId = (id: string | null): AgentMessage | null => {
  const found = id === null ? null : form.exec(id);
  return found === null ? null : { hop: Number(found[1]), sessionId: found[2] ?? "" };
};
