import type { AskedQuestion, ToolQuestion } from "@gatehouse/session-rows/messages";

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

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
