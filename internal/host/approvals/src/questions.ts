import type { Kysely } from "kysely";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import type { AskedQuestion, ToolQuestion } from "@gatehouse/session-rows/messages";
import { fieldsOf, parsedArgs, quotedLines } from "./approval-row.ts";

/** The question of an approval as the host has stored it. A torn row has an empty plan, and is not answered. */
export const questionOf = ({ shown }: Pick<ApprovalRow, "shown">): ToolQuestion =>
  questionIn(parsedArgs(shown)["question"]) ?? { type: "plan", plan: "" };

/** Most questions of one request, and most options of a question; Claude Code allows 4 of each (2.1.328). */
const [mostQuestions, mostOptions] = [10, 20];

/** Checks the question of a request for a tool; null if it is none. */
export const questionIn = (value: unknown): ToolQuestion | null => {
  const { type, plan, questions } = fieldsOf(value);
  if (type === "plan" && typeof plan === "string") return { type, plan };
  if (type !== "choices" || !Array.isArray(questions)) return null;
  if (questions.length === 0 || questions.length > mostQuestions) return null;
  const asked = questions.flatMap((one) => askedIn(one) ?? []);
  return asked.length === questions.length ? { type, questions: asked } : null;
};

const askedIn = (value: unknown): AskedQuestion | null => {
  const { question, header, options, isMultiple } = fieldsOf(value);
  if (typeof question !== "string" || typeof header !== "string" || typeof isMultiple !== "boolean")
    return null;
  if (!Array.isArray(options) || options.length > mostOptions) return null;
  const offered = options.flatMap((option) => {
    const { label, description } = fieldsOf(option);
    return typeof label === "string" && typeof description === "string" ? [{ label, description }] : [];
  });
  return offered.length === options.length ? { question, header, options: offered, isMultiple } : null;
};

/**
 * A question as a person reads it. The agent's text has `>` before each line, so that it cannot pass for a line of
 * the host.
 */
export const questionLines = (question: ToolQuestion): readonly string[] => {
  if (question.type === "plan") return planLines(question.plan);
  const { questions } = question;
  return questions.flatMap((asked, index) => [
    `${questions.length === 1 ? "" : `${index + 1}. `}${asked.isMultiple ? "Choose one or more" : "Choose one"}:`,
    ...quotedLines(asked.header === "" ? asked.question : `${asked.header}: ${asked.question}`),
    ...asked.options.flatMap(optionLines),
  ]);
};

const planLines = (plan: string): readonly string[] => {
  if (plan.trim() === "") return ["The agent has written no plan."];
  const lines = quotedLines(plan);
  return [`The plan, ${lines.length} ${lines.length === 1 ? "line" : "lines"}:`, ...lines];
};

const optionLines = (
  { label, description }: AskedQuestion["options"][number],
  index: number,
): readonly string[] =>
  quotedLines(`  ${index + 1}  ${label}${description === "" ? "" : `: ${description}`}`);

/** The effect of an answer in a few words, as the outcome of a card says it. */
export const questionCommand = (question: ToolQuestion): string => {
  if (question.type === "plan") return "follow a plan";
  return question.questions.length === 1 ? "ask a question" : `ask ${question.questions.length} questions`;
};

/** `asks: Which colour? (and 1 more)`, on one line. */
export const questionSummary = (question: ToolQuestion): string => {
  if (question.type === "plan") return `asks to follow a plan: ${JSON.stringify(firstLine(question.plan))}`;
  const [first, ...others] = question.questions;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `asks: ${JSON.stringify(first?.question ?? "")}${more}`;
};

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";

/**
 * Reads what a person typed as the answers to questions, in their order:
 *
 *     2                 the second option
 *     1,3               two options, where several may be chosen
 *     none of these     words of the person's own
 *     1; "2"            two questions; the second is answered with the word 2
 *
 * The answers to several questions are lines, or have `;` between them. An error is a sentence for the person.
 */
export const readAnswers = (
  questions: readonly AskedQuestion[],
  text: string,
): Result<readonly string[], string> => {
  const parts = partsOf(text.trim(), questions.length);
  if (parts.length !== questions.length)
    return fail(
      `It asks ${questions.length} questions, and this answers ${parts.length}: put ";" between the answers.`,
    );
  const answers: string[] = [];
  for (const [index, question] of questions.entries()) {
    const answer = answerTo(question, parts[index]?.trim() ?? "");
    if (!answer.ok)
      return fail(questions.length === 1 ? answer.error : `Question ${index + 1}: ${answer.error}`);
    answers.push(answer.value);
  }
  return ok(answers);
};

const partsOf = (text: string, count: number): readonly string[] => {
  if (count === 1) return [text];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length === count ? lines : text.split(";");
};

const answerTo = (question: AskedQuestion, text: string): Result<string, string> => {
  const own = /^"(.*)"$/s.exec(text)?.[1];
  if (own !== undefined && own.trim() !== "") return ok(own);
  if (text === "") return fail("an answer is missing.");
  const items = question.isMultiple ? text.split(",").map((item) => item.trim()) : [text];
  const chosen: string[] = [];
  for (const item of items.filter((one) => one !== "")) {
    const option = optionNamed(question, item);
    if (!option.ok) return option;
    if (!chosen.includes(option.value)) chosen.push(option.value);
  }
  return chosen.length === 0 ? fail("an answer is missing.") : ok(chosen.join(", "));
};

/** The label of an option, by its number or its label; otherwise the person's own words. */
const optionNamed = ({ options }: AskedQuestion, item: string): Result<string, string> => {
  if (!/^\d+$/.test(item)) {
    const named = options.find(({ label }) => label.toLowerCase() === item.toLowerCase());
    return ok(named?.label ?? item);
  }
  const option = options[Number(item) - 1];
  return option === undefined
    ? fail(`there is no option ${item}. To answer with this number itself, put it in quotation marks.`)
    : ok(option.label);
};

type Database = Kysely<CentralTables>;

/** The person who sent a message; null if no person did, or if users.yaml does not list that person any more. */
export const senderOf = async (
  db: Database,
  sessionId: string,
  messageId: string,
): Promise<string | null> => {
  const message = await db
    .selectFrom("session_messages_in")
    .select("content")
    .where("session_id", "=", sessionId)
    .where("id", "=", messageId)
    .where("kind", "=", "chat")
    .where("source_session_id", "is", null)
    .executeTakeFirst();
  const { sender } = (parseJson(message?.content ?? "null") ?? {}) as { readonly sender?: unknown };
  return typeof sender === "string" && !(await isRefused(db, sender)) ? sender : null;
};

const isRefused = async (db: Database, userId: string): Promise<boolean> => {
  const row = await db
    .selectFrom("refused_people")
    .select("user_id")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row !== undefined;
};

/** The person for whom a question is; null for other approvals. */
export const askedUserId = async (db: Database, approvalId: string): Promise<string | null> => {
  const asked = await db
    .selectFrom("pending_approvals")
    .select("asked_user_id")
    .where("approval_id", "=", approvalId)
    .executeTakeFirst();
  const userId = asked?.asked_user_id ?? null;
  return userId === null || (await isRefused(db, userId)) ? null : userId;
};

/** A person, and the chat and thread in which they have asked the agent. */
type AskedPerson = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly threadId: string | null;
  readonly instance: string;
};

/** The person for whom a question is, in the chat of their message; null if there is none. */
export const askedPerson = async (db: Database, approvalId: string): Promise<AskedPerson | null> => {
  const asked = await db
    .selectFrom("pending_approvals")
    .innerJoin("session_messages_in", (join) =>
      join
        .onRef("session_messages_in.session_id", "=", "pending_approvals.session_id")
        .onRef("session_messages_in.id", "=", "pending_approvals.message_id"),
    )
    .leftJoin("messaging_groups", (join) =>
      join
        .onRef("messaging_groups.channel_type", "=", "session_messages_in.channel_type")
        .onRef("messaging_groups.platform_id", "=", "session_messages_in.platform_id"),
    )
    .select(["session_messages_in.channel_type", "session_messages_in.platform_id", "thread_id", "instance"])
    .select("asked_user_id")
    .where("pending_approvals.approval_id", "=", approvalId)
    .where("asked_user_id", "is not", null)
    .executeTakeFirst();
  if (asked === undefined || asked.channel_type === null || asked.platform_id === null) return null;
  const { asked_user_id: userId, channel_type: channelType, platform_id: platformId } = asked;
  if (userId === null || (await isRefused(db, userId))) return null;
  const { thread_id: threadId, instance } = asked;
  return { userId, channelType, platformId, threadId, instance: instance ?? "" };
};
