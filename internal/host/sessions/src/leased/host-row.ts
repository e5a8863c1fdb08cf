import type { InboundMessage } from "@gatehouse/session-rows/messages";

/** The fields that differ among the host's own messages. */
export type HostRow = Pick<InboundMessage, "id" | "kind" | "timestamp" | "content" | "trigger"> & {
  /** True: for the first poll of the next container. */
  readonly onWake?: true;
};

/** A message from the host itself to an agent: without a chat or a sending agent, and due at once. */
export const hostRow = (row: HostRow): InboundMessage => ({
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: null,
  platformId: null,
  threadId: null,
  ...row,
});
