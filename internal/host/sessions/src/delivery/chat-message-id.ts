/**
 * The id under which a chat gets an agent's message. An agent may choose any id, also that of a card's
 * outcome or of another agent's answer, and a chat keeps the first message of an id. So each session has its
 * own prefix; the host's own ids never begin with a session's prefix.
 */
export const chatMessageId = (sessionId: string, outboundId: string): string => `${sessionId}:${outboundId}`;
