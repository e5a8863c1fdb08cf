import type { Kysely, Selectable } from "kysely";
import { commandLine, harmless, parsedArgs, parsedLines, type CentralTables } from "@gatehouse/control-plane";
import type { ResponseFrame } from "@nc/cli-scope";
import { visible } from "@gatehouse/std";
import type { Card, ToChat } from "../channel.ts";

export type Approval = Selectable<CentralTables["pending_approvals"]>;

/** Where a person was asked. */
export type Asked = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
};

export const cardMessageId = (approvalId: string, userId: string): string => `card-${approvalId}-${userId}`;

/** A message of the host itself to a person's chat. */
export const hostMessage = (
  to: Pick<Asked, "platformId" | "instance">,
  message: Pick<ToChat, "id" | "text" | "inReplyTo"> & Partial<Pick<ToChat, "card" | "failed">>,
): ToChat => ({ platformId: to.platformId, instance: to.instance, threadId: null, from: null, ...message });

/** An approval in full: the command with its arguments, secrets by name only, and what it would do. */
export const cardOf = async (db: Kysely<CentralTables>, approval: Approval): Promise<Card> => {
  const group = await db
    .selectFrom("agent_groups")
    .select("name")
    .where("id", "=", approval.agent_group_id)
    .executeTakeFirst();
  const consequence = parsedLines(approval.consequence)?.map(harmless) ?? [];
  return {
    id: approval.approval_id,
    title: `${visible(group?.name ?? approval.agent_group_id)} asks for an approval (${approval.approval_id})`,
    lines: [
      commandLine(approval.command, parsedArgs(approval.shown)),
      ...consequence,
      `It can be answered until ${approval.expires_at}.`,
    ],
    options: [
      { value: "approve", label: "Approve" },
      { value: "reject", label: "Reject" },
    ],
  };
};

/** How an approval ended, for the people who were asked. */
export const outcomeText = (
  approval: Pick<Approval, "approval_id" | "command" | "status" | "answered_by" | "result">,
): string => {
  const what = `${approval.approval_id} (${approval.command})`;
  const by = personIn(approval.answered_by);
  switch (approval.status) {
    case "approved":
      return `${what} is approved by ${by}.`;
    case "failed":
      return `${what} is approved by ${by}, but it failed: ${visible(whyFailed(approval.result))}`;
    case "rejected":
      return `${what} is rejected by ${by}.`;
    default:
      return `${what} expired: nobody answered it in time.`;
  }
};

/** `user:telegram:1` as a person reads it; at the socket it is the operator. */
const personIn = (answeredBy: string | null): string =>
  answeredBy === null || answeredBy === "host" ? "the operator" : answeredBy.replace(/^user:/, "");

const whyFailed = (result: string | null): string => {
  if (result === null) return "there is no answer of the command.";
  const frame = JSON.parse(result) as ResponseFrame;
  return frame.ok ? "" : frame.error.message;
};
