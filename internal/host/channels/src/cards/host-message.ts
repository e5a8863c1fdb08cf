import type { Selectable } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ToChat } from "../channel.ts";

export type Approval = Selectable<CentralTables["pending_approvals"]>;

/** The chat in which a person was asked. */
export type AskedChat = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
  /** The thread of the chat; null for the chat itself. */
  readonly threadId?: string | null | undefined;
};

export const cardMessageId = (approvalId: string, userId: string): string => `card-${approvalId}-${userId}`;

/** A message of the host itself to a person's chat. */
export const hostMessage = (
  to: Pick<AskedChat, "platformId" | "instance" | "threadId">,
  message: Pick<ToChat, "id" | "text" | "inReplyTo"> & Partial<Pick<ToChat, "card" | "failed">>,
): ToChat => ({
  platformId: to.platformId,
  instance: to.instance,
  threadId: to.threadId ?? null,
  from: null,
  ...message,
});
