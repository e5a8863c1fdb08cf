/**
 * The id under which a chat gets a message of an agent. An agent may choose any id, also the one of a card's
 * outcome or of another agent's answer, and a chat keeps the first message of an id. So each session has a name
 * space of its own: the host's own ids begin with no session.
 */
export const chatMessageId = (sessionId: string, outboundId: string): string => `${sessionId}:${outboundId}`;
