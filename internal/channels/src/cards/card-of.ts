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

/** How each kind of approval is asked; `group` is the name of its group. */
type Asking = {
  readonly title: (approval: Approval, group: string) => string;
  /** Lines above the consequence. */
  readonly lines: (approval: Approval) => readonly string[];
};

const command: Asking = {
  title: (_approval, group) => `${group} asks for an approval`,
  lines: (approval) => [commandLine(approval.command, parsedArgs(approval.shown))],
};

const kinds: Readonly<Record<string, Asking>> = {
  command,
  sender: {
    title: ({ shown }, group) => `May ${visible(String(parsedArgs(shown)["user"]))} write to ${group}?`,
    lines: () => [],
  },
};

/** An approval in full: what is asked, secrets by name only, and what an approval would do. */
export const cardOf = async (db: Kysely<CentralTables>, approval: Approval): Promise<Card> => {
  const group = await db
    .selectFrom("agent_groups")
    .select("name")
    .where("id", "=", approval.agent_group_id)
    .executeTakeFirst();
  const { approval_id: id, kind, agent_group_id: groupId, expires_at: expiresAt } = approval;
  const asking = (Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? command;
  const consequence = parsedLines(approval.consequence)?.map(harmless) ?? [];
  return {
    id,
    title: `${asking.title(approval, visible(group?.name ?? groupId))} (${id})`,
    lines: [...asking.lines(approval), ...consequence, `It can be answered until ${expiresAt}.`],
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
