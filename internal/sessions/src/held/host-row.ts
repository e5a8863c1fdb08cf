import type { InboundMessage } from "@nc/session-db";

/** What differs among the messages of the host itself. */
export type HostRow = Pick<InboundMessage, "id" | "kind" | "timestamp" | "content" | "trigger"> & {
  /** True: for the first poll of the next container. */
  readonly onWake?: true;
};

/** A message of the host itself to an agent: of no chat and no other agent, and due at once. */
export const hostRow = (row: HostRow): InboundMessage => ({
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: null,
  platformId: null,
  threadId: null,
  ...row,
});
