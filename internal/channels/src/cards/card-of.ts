import type { Kysely, Selectable } from "kysely";
import {
  chatQuestion,
  commandLine,
  harmless,
  parsedArgs,
  parsedLines,
  senderQuestion,
  wirableGroups,
  type CentralTables,
} from "@gatehouse/control-plane";
import type { ResponseFrame } from "@nc/cli-scope";
import { visible } from "@gatehouse/std";
import { approveFor, type Card, type ToChat } from "../channel.ts";

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

type Group = { readonly id: string; readonly name: string };

/** How each kind of approval is asked; `groups` is its group, or those that somebody may choose from. */
type Asking = {
  readonly title: (approval: Approval, groups: readonly Group[]) => string;
  /** Lines above the consequence. */
  readonly lines: (approval: Approval) => readonly string[];
  /** In place of `Approve`. */
  readonly approving?: (groups: readonly Group[]) => Card["options"];
};

const nameIn = ([group]: readonly Group[]): string => visible(group?.name ?? "");

const command: Asking = {
  title: (_approval, groups) => `${nameIn(groups)} asks for an approval`,
  lines: (approval) => [commandLine(approval.command, parsedArgs(approval.shown))],
};

const kinds: Readonly<Record<string, Asking>> = {
  command,
  sender: { title: (approval, groups) => senderQuestion(approval, groups[0]?.name ?? ""), lines: () => [] },
  chat: {
    title: (_approval, groups) =>
      groups.length === 1 ? `May ${nameIn(groups)} answer in a chat?` : chatQuestion,
    lines: () => [],
    approving: (groups) =>
      groups.map(({ id, name }) => ({
        value: `${approveFor}${id}`,
        label: groups.length === 1 ? "Approve" : `Approve: ${visible(name)} answers`,
      })),
  },
};

/** An approval in full: what is asked, secrets by name only, and what an approval would do. */
export const cardOf = async (db: Kysely<CentralTables>, approval: Approval): Promise<Card> => {
  const { approval_id: id, kind, expires_at: expiresAt } = approval;
  const groups = await groupsOf(db, approval);
  const asking = (Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? command;
  const consequence = parsedLines(approval.consequence)?.map(harmless) ?? [];
  return {
    id,
    title: `${asking.title(approval, groups)} (${id})`,
    lines: [...asking.lines(approval), ...consequence, `It can be answered until ${expiresAt}.`],
    options: [
      ...(asking.approving?.(groups) ?? [{ value: "approve", label: "Approve" }]),
      { value: "reject", label: "Reject" },
    ],
  };
};

/** Groups that a card offers; a further one is named to `ncl approvals approve` with `--group`. */
const mostOffered = 20;

/** The group of an approval; of a question without one, those that may be chosen. */
const groupsOf = async (
  db: Kysely<CentralTables>,
  { agent_group_id: id }: Approval,
): Promise<readonly Group[]> => {
  if (id === null) return wirableGroups(db, mostOffered);
  const group = db.selectFrom("agent_groups").select(["id", "name"]).where("id", "=", id);
  return [(await group.executeTakeFirst()) ?? { id, name: id }];
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
      return `${what} expired: no answer came in time.`;
  }
};

/** `user:telegram:1` as a person reads it; at the socket it is the operator. */
const personIn = (answeredBy: string | null): string =>
  answeredBy === null || answeredBy === "host" ? "the operator" : answeredBy.replace(/^user:/, "");

const whyFailed = (result: string | null): string => {
  if (result === null) return "the command gave no answer.";
  const frame = JSON.parse(result) as ResponseFrame;
  return frame.ok ? "" : frame.error.message;
};
