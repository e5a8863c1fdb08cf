import type { AskedQuestion, ToolQuestion } from "@gatehouse/session-rows/messages";

/**
 * A question as a person reads it. The agent's text has `>` before each line, so that it cannot pass for a line of
 * the host.
 */
export const questionLines = (question: ToolQuestion): readonly string[] => {
  if (question.type === "plan") return planLines(question.plan);
  const { questions } = question;
  return questions.flatMap((asked, index) => [
    `${questions.length === 1 ? "" : `${index + 1}. `}${asked.isMultiple ? "Choose one or more" : "Choose one"}:`,
    ...quoted(asked.header === "" ? asked.question : `${asked.header}: ${asked.question}`),
    ...asked.options.flatMap(optionLines),
  ]);
};

const planLines = (plan: string): readonly string[] => {
  if (plan.trim() === "") return ["The agent has written no plan."];
  const lines = quoted(plan);
  return [`The plan, ${lines.length} ${lines.length === 1 ? "line" : "lines"}:`, ...lines];
};

const optionLines = (
  { label, description }: AskedQuestion["options"][number],
  index: number,
): readonly string[] => quoted(`  ${index + 1}  ${label}${description === "" ? "" : `: ${description}`}`);

const quoted = (text: string): readonly string[] => text.split("\n").map((line) => `> ${line}`);

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
