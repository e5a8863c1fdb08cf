import { createHash } from "node:crypto";

/** Longest chain of messages between agents before a person has to write again. */
export const maxHops = 20;

/** The content of the id of a message between agents. */
export type AgentMessage = {
  /** The session of the sending agent. The answer returns to it. */
  readonly sessionId: string;
  /** Length of the chain of messages between agents, including this one. */
  readonly hop: number;
};

const form = /^a2a-(\d{1,4})-(.{1,80})-[0-9a-f]{16}$/s;

/**
 * The id under which the other agent gets a message. It is the same on every try, and contains the session
 * for the answer and the length of the chain, so both survive a restart of the host.
 */
export const agentMessageId = ({ sessionId, hop }: AgentMessage, outboundId: string): string =>
  `a2a-${hop}-${sessionId}-${createHash("sha256").update(outboundId).digest("hex").slice(0, 16)}`;

/** Null for the id of any other kind of message. */
export const parseAgentMessageId = (id: string | null): AgentMessage | null => {
  const found = id === null ? null : form.exec(id);
  return found === null ? null : { hop: Number(found[1]), sessionId: found[2] ?? "" };
};
