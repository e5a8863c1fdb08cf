import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { refused } from "@gatehouse/command-context";
import type { CommandError, ResponseFrame } from "@nc/cli-scope";
import { ok, visible, wordsInOrder, type Card, type Result } from "@gatehouse/std";
import { commandLine, type Pending } from "./approval-row.ts";
import { cardLines } from "./card-lines.ts";
import { type Choice, type Group, reject, wordsOf } from "./choices.ts";
import { wirableGroups } from "./hold-message.ts";
import { kindOf } from "./kinds.ts";
import { namesIn } from "./names.ts";

/** The card of an approval: the effect of an approval, then what is asked, directly above the options. */
export const cardOf = async (db: Kysely<CentralTables>, approval: Pending): Promise<Card> =>
  (await drawn(db, approval)).card;

/** The card, and how many of its last lines say what runs, or what is asked. */
export const cardInParts = async (
  db: Kysely<CentralTables>,
  approval: Pending,
): Promise<{ readonly card: Card; readonly decides: number }> => {
  const { card, decides } = await drawn(db, approval);
  return { card, decides };
};

/** The card as lines of text, for a place without buttons. */
export const textOfCard = ({ title, lines, options }: Card): string =>
  [
    title,
    ...lines.map((line) => `  ${line}`),
    ...options.map(({ label, command }) => `  ${label}: ${command}`),
  ].join("\n");

/** Digits of the digest. An id of an approval is random, so no agent can look for two cards with the same one. */
const digits = 16;

const drawn = async (
  db: Kysely<CentralTables>,
  approval: Pending,
): Promise<{ readonly card: Card; readonly decides: number; readonly choices: readonly Choice[] }> => {
  const { approval_id: id, expires_at: expiresAt } = approval;
  const kind = kindOf(approval.kind);
  const groups = await groupsOf(db, approval);
  const { lines: asked, isCut, decides } = cardLines(approval);
  const choices = [...kind.choices(approval, groups, isCut), kind.reject ?? reject];
  const above = asked.length - decides;
  const shown = {
    title: `${kind.title(approval, groups)} (${id})`,
    lines: [
      `It can be answered until ${expiresAt}.`,
      ...asked.slice(0, above),
      ...(await namesIn(db, [approval])).flat(),
      ...asked.slice(above),
    ],
  };
  const digest = createHash("sha256")
    .update(JSON.stringify([id, shown, choices]))
    .digest("hex");
  const seen = digest.slice(0, digits);
  const options = choices.map((choice) => {
    const { verb: _verb, args: _args, ...option } = choice;
    return { ...option, label: wordsInOrder(option.label), command: commandOf(id, choice, seen) };
  });
  const { title, lines } = shown;
  const card = { id, title: wordsInOrder(title), lines: lines.map(wordsInOrder), options, digest: seen };
  return { card, decides, choices };
};

const commandOf = (id: string, { verb, args, words }: Choice, seen: string): string => {
  const own = words === "required" ? { text: "ANSWER" } : {};
  return commandLine(`approvals ${verb} ${id}`, { ...args, ...own, seen });
};

/** Most groups that a card offers. Another group is named with `ncl approvals approve --group`. */
const mostOffered = 20;

/** The group of an approval; for a question without a group, those that may be chosen. */
const groupsOf = async (
  db: Kysely<CentralTables>,
  { agent_group_id: id }: Pick<Pending, "agent_group_id">,
): Promise<readonly Group[]> => {
  if (id === null) return wirableGroups(db, mostOffered);
  const group = db.selectFrom("agent_groups").select(["id", "name"]).where("id", "=", id);
  return [(await group.executeTakeFirst()) ?? { id, name: id }];
};

/** A person's answer to a card. */
export type CardAnswer = {
  readonly cardId: string;
  /** The id of the option. */
  readonly option: string;
  /** The person's words beside it. */
  readonly words?: string;
  /** The digest of the card that the person has read. */
  readonly seen: string;
};

/** The command that an answer stands for, as a frame without its id; null if the card has no such option. */
export const answeredBy = async (
  db: Kysely<CentralTables>,
  approval: Pending,
  { option, words, seen }: CardAnswer,
): Promise<{ readonly command: string; readonly args: Readonly<Record<string, string | true>> } | null> => {
  const { choices } = await drawn(db, approval);
  const choice = choices.find(({ id }) => id === option);
  if (choice === undefined || (choice.words === "required" && words === undefined)) return null;
  const flag = choice.words === undefined ? null : wordsOf[choice.verb];
  if (flag === null && words !== undefined) return null;
  const own = flag === null || words === undefined ? {} : { [flag]: words };
  return {
    command: `approvals-${choice.verb}`,
    args: { id: approval.approval_id, ...choice.args, ...own, seen },
  };
};

/** As `answeredBy`, for the approval of the card's id; null also without one. */
export const answerOf = async (
  db: Kysely<CentralTables>,
  answer: CardAnswer,
): ReturnType<typeof answeredBy> => {
  const rows = db.selectFrom("pending_approvals").selectAll().where("approval_id", "=", answer.cardId);
  const approval = await rows.executeTakeFirst();
  return approval === undefined ? null : answeredBy(db, approval, answer);
};

/** Refuses an answer to another card than the approval has now, and shows that one. */
export const ifSeen = async (
  db: Kysely<CentralTables>,
  approval: Pending,
  seen: string | undefined,
): Promise<Result<null, CommandError>> => {
  if (seen === undefined) return ok(null);
  const card = await cardOf(db, approval);
  return seen === card.digest
    ? ok(null)
    : refused("handler-error", `${card.id} has changed since it was shown. It is now:\n${textOfCard(card)}`);
};

/** The outcome of an approval, for the people who were asked. */
export const outcomeText = (
  approval: Pick<Pending, "approval_id" | "command" | "status" | "answered_by" | "result">,
): string => {
  const what = `${approval.command} (${approval.approval_id})`;
  const by = personIn(approval.answered_by);
  switch (approval.status) {
    case "approved":
      return `${hasAnswers(approval.result) ? "Answered" : "Approved"} by ${by}: ${what}.`;
    case "failed":
      return `Approved by ${by}: ${what}. It failed: ${visible(whyFailed(approval.result))}`;
    case "rejected":
      return `Rejected by ${by}: ${what}.`;
    default:
      return approval.result === null ? `Expired without an answer: ${what}.` : `No longer asked: ${what}.`;
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
