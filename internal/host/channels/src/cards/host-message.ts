import type { Approver } from "@gatehouse/approvals";
import type { Selectable } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ToChat } from "../channel.ts";

export type Approval = Selectable<CentralTables["pending_approvals"]>;

export const cardMessageId = (approvalId: string, userId: string): string => `card-${approvalId}-${userId}`;

/** A message of the host itself to a person's chat. */
export const hostMessage = (
  to: Pick<Approver, "platformId" | "instance" | "threadId">,
  message: Pick<ToChat, "id" | "text" | "inReplyTo"> & Partial<Pick<ToChat, "card" | "failed">>,
): ToChat => ({
  platformId: to.platformId,
  instance: to.instance,
  threadId: to.threadId ?? null,
  from: null,
  ...message,
});
