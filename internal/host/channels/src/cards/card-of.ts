import type { Kysely, Selectable } from "kysely";
import {
  type CardLines,
  cardLines,
  chatQuestion,
  harmless,
  parsedArgs,
  questionOf,
  senderQuestion,
  shortLabel,
  wirableGroups,
} from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import type { ResponseFrame } from "@nc/cli-scope";
import { visible } from "@gatehouse/std";
import { approveFor, type Card, type CardOption, type ToChat } from "../channel.ts";

export type Approval = Selectable<CentralTables["pending_approvals"]>;

/** The chat in which a person was asked. */
export type Asked = {
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
  to: Pick<Asked, "platformId" | "instance" | "threadId">,
  message: Pick<ToChat, "id" | "text" | "inReplyTo"> & Partial<Pick<ToChat, "card" | "failed">>,
): ToChat => ({
  ...{ platformId: to.platformId, instance: to.instance, threadId: to.threadId ?? null, from: null },
  ...message,
});

type Group = { readonly id: string; readonly name: string };

/** The texts of one kind of approval; `groups` is its group, or those that the approver may choose from. */
type Asking = {
  readonly title: (approval: Approval, groups: readonly Group[]) => string;
  /** Options instead of `Approve`. */
  readonly approving?: (groups: readonly Group[], approval: Approval, lines: CardLines) => Card["options"];
  /** The option that rejects, if the agent reads the words of the person. */
  readonly reject?: CardOption;
};

const rejectWithWords: CardOption = {
  value: "reject",
  label: "Reject; the agent reads what you write after it",
  words: "optional",
};

const nameIn = ([group]: readonly Group[]): string => visible(group?.name ?? "");

const command: Asking = {
  title: (_approval, groups) => `${nameIn(groups)} asks for an approval`,
  reject: rejectWithWords,
};

const kinds: Readonly<Record<string, Asking>> = {
  command,
  tool: {
    title: ({ command }, groups) => `May ${nameIn(groups)} ${harmless(command)}?`,
    approving: (_groups, approval, { isCut }) => [
      { value: "approve", label: "Allow once" },
      ...(isCut ? [] : alwaysIn(approval)),
    ],
    reject: rejectWithWords,
  },
  question: {
    title: (approval, groups) =>
      questionOf(approval).type === "plan"
        ? `May ${nameIn(groups)} follow this plan?`
        : `${nameIn(groups)} asks you`,
    approving: (_groups, approval) => answersOf(questionOf(approval)),
    reject: rejectWithWords,
  },
  sender: { title: (approval, groups) => senderQuestion(approval, groups[0]?.name ?? "") },
  chat: {
    title: (_approval, groups) =>
      groups.length === 1 ? `May ${nameIn(groups)} answer in a chat?` : chatQuestion,
    approving: (groups) =>
      groups.map(({ id, name }) => ({
        value: `${approveFor}${id}`,
        label: groups.length === 1 ? "Approve" : `Approve: ${visible(name)} answers`,
      })),
  },
};

/** The options that keep a permission. A person chooses them only after reading everything that they allow. */
const alwaysIn = (approval: Approval): Card["options"] => [
  { value: "always", label: "Always allow exactly this in this group" },
  ...suggestedIn(approval).map((rules, index) => ({
    value: `always:${index + 1}`,
    label: `Always allow in this group what its CLI matches with ${shortLabel(harmless(rules.join(" and ")))}`,
  })),
];

/** The permissions that the CLI of an agent suggests to keep. */
const suggestedIn = ({ shown }: Approval): readonly (readonly string[])[] =>
  (parsedArgs(shown) as { readonly suggestions?: readonly (readonly string[])[] }).suggestions ?? [];

/** The options of a question. The answers to several questions, or several options, are words. */
const answersOf = (question: ReturnType<typeof questionOf>): Card["options"] => {
  if (question.type === "plan") return [{ value: "approve", label: "Approve the plan" }];
  const [first, ...others] = question.questions;
  const isOne = first !== undefined && others.length === 0;
  const own: CardOption = { value: "answer", label: wordsOfAnswer(question.questions), words: "required" };
  if (!isOne || first.isMultiple) return [own];
  const options = first.options.map(({ label }, index) => ({
    value: `answer:${index + 1}`,
    label: shortLabel(harmless(label)),
  }));
  return [...options, own];
};

const wordsOfAnswer = (questions: readonly { readonly isMultiple: boolean }[]): string => {
  const numbers = questions.some(({ isMultiple }) => isMultiple) ? "numbers (1,3) or your own words" : null;
  if (questions.length > 1)
    return `Answer in order, with ; between the answers: ${numbers ?? "a number or your own words"}`;
  return numbers === null ? "Answer in your own words" : `Answer with ${numbers}`;
};

/** The card of an approval: the effect of an approval, then what is asked, directly above the options. */
export const cardOf = async (db: Kysely<CentralTables>, approval: Approval): Promise<Card> => {
  const { approval_id: id, kind, expires_at: expiresAt } = approval;
  const groups = await groupsOf(db, approval);
  const asking = (Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? command;
  const lines = cardLines(approval);
  return {
    id,
    title: `${asking.title(approval, groups)} (${id})`,
    lines: [`It can be answered until ${expiresAt}.`, ...lines.lines],
    options: [
      ...(asking.approving?.(groups, approval, lines) ?? [{ value: "approve", label: "Approve" }]),
      asking.reject ?? { value: "reject", label: "Reject" },
    ],
  };
};

/** Most groups that a card offers. Another group is named with `ncl approvals approve --group`. */
const mostOffered = 20;

/** The group of an approval; for a question without a group, those that may be chosen. */
const groupsOf = async (
  db: Kysely<CentralTables>,
  { agent_group_id: id }: Approval,
): Promise<readonly Group[]> => {
  if (id === null) return wirableGroups(db, mostOffered);
  const group = db.selectFrom("agent_groups").select(["id", "name"]).where("id", "=", id);
  return [(await group.executeTakeFirst()) ?? { id, name: id }];
};

/** The outcome of an approval, for the people who were asked. */
export const outcomeText = (
  approval: Pick<Approval, "approval_id" | "command" | "status" | "answered_by" | "result">,
): string => {
  const what = `${approval.approval_id} (${approval.command})`;
  const by = personIn(approval.answered_by);
  switch (approval.status) {
    case "approved":
      return `${what} is ${hasAnswers(approval.result) ? "answered" : "approved"} by ${by}.`;
    case "failed":
      return `${what} is approved by ${by}, but it failed: ${visible(whyFailed(approval.result))}`;
    case "rejected":
      return `${what} is rejected by ${by}.`;
    default:
      return approval.result === null
        ? `${what} expired: no answer came in time.`
        : `${what} is no longer asked.`;
  }
};

const hasAnswers = (result: string | null): boolean => {
  const frame = result === null ? null : (JSON.parse(result) as ResponseFrame);
  const data: unknown = frame?.ok === true ? frame.data : null;
  return typeof data === "object" && data !== null && "answers" in data;
};

/** `user:telegram:1` in readable form; at the socket the person is the operator. */
const personIn = (answeredBy: string | null): string =>
  answeredBy === null || answeredBy === "host" ? "the operator" : answeredBy.replace(/^user:/, "");

const whyFailed = (result: string | null): string => {
  if (result === null) return "the command gave no answer.";
  const frame = JSON.parse(result) as ResponseFrame;
  return frame.ok ? "" : frame.error.message;
};
