import type { InboundMessage, Json } from "./messages.ts";

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

/** A text from the host to an agent. Without `trigger` the agent gets it together with its next message. */
export const hostText = ({
  text,
  more = {},
  ...row
}: Omit<HostRow, "kind" | "content"> & {
  readonly text: string;
  /** More fields of the content. */
  readonly more?: Readonly<Record<string, Json>>;
}): InboundMessage => hostRow({ kind: "chat", content: { text, system: true, ...more }, ...row });
