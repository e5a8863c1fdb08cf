import type { InboundMessage, OutboundMessage } from "../messages.ts";
import type { Projection } from "../transport.ts";

export const at = "2026-11-21T12:00:00.000Z";

/** A time so many seconds after `at`. */
export const later = (seconds: number): string => new Date(Date.parse(at) + seconds * 1000).toISOString();

const nowhere = { channelType: null, platformId: null, threadId: null };

export const message = (id: string, over: Partial<InboundMessage> = {}): InboundMessage => ({
  ...nowhere,
  ...{ id, kind: "chat", timestamp: at, content: { text: id }, trigger: true, onWake: false },
  ...{ sourceSessionId: null, processAfter: null },
  ...over,
});

export const answer = (id: string, over: Partial<OutboundMessage> = {}): OutboundMessage => ({
  ...nowhere,
  ...{ id, kind: "chat", timestamp: at, content: { text: id }, inReplyTo: null, deliverAfter: null },
  ...over,
});

export const projection = (incarnation: number, token = 1): Projection => ({
  identity: { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation, token },
  routing: nowhere,
  destinations: [],
});
