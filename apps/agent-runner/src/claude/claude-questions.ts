import type { AskedQuestion, ToolQuestion } from "@gatehouse/session-rows/messages";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The question that a request for a tool is; undefined for a tool that needs a permission. Claude Code sends both as
 * `can_use_tool`, and marks these with `requires_user_interaction` (2.1.328).
 */
export const questionIn = (tool: string, input: unknown): ToolQuestion | undefined =>
  Object.hasOwn(readers, tool) ? readers[tool]?.(fieldsOf(input)) : undefined;

const readers: Readonly<Record<string, (input: Fields) => ToolQuestion | undefined>> = {
  AskUserQuestion: ({ questions }) => {
    if (!Array.isArray(questions) || questions.length === 0) return undefined;
    const asked = questions.map(askedIn);
    return asked.every((one) => one !== null) ? { type: "choices", questions: asked } : undefined;
  },
  // Claude Code reads the plan from its file; without a file there is none.
  ExitPlanMode: ({ plan }) => ({ type: "plan", plan: typeof plan === "string" ? plan : "" }),
};

const askedIn = (value: unknown): AskedQuestion | null => {
  const { question, header, options, multiSelect } = fieldsOf(value);
  if (typeof question !== "string" || !Array.isArray(options)) return null;
  return {
    question,
    header: textOf(header),
    options: options.map((option) => {
      const { label, description } = fieldsOf(option);
      return { label: textOf(label), description: textOf(description) };
    }),
    isMultiple: multiSelect === true,
  };
};

/** The input of AskUserQuestion with the answers of a person, by the text of each question. */
export const answeredInput = (input: unknown, answers: readonly string[]): object => {
  const { questions } = fieldsOf(input);
  const asked: readonly unknown[] = Array.isArray(questions) ? questions : [];
  const pairs = asked.map((one, index) => [textOf(fieldsOf(one)["question"]), answers[index] ?? ""]);
  return { questions, answers: Object.fromEntries(pairs) as object };
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
