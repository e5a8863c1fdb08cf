import { createHash } from "node:crypto";
import { canonicalInput, type ToolRequest, type ToolSuggestion } from "@gatehouse/session-rows/messages";
import { harmless } from "../command-line.ts";
import { questionIn } from "../questions/question-in.ts";

/** Maximum length of a tool's input as JSON, in UTF-16 units: a person has to read it. */
export const longestInput = 200_000;

const toolForm = /^[\w.:/-]{1,200}$/;
const idLength = 500;

/** Checks the content of an agent's question; null if it does not ask for a tool. */
export const toolRequestIn = (content: unknown): ToolRequest | null => {
  if (typeof content !== "object" || content === null) return null;
  const fields = content as Readonly<Record<string, unknown>>;
  const { type, messageId, tool, input, occurrence, mayHaveRun, question, suggestions } = fields;
  if (type !== "tool" || typeof tool !== "string" || !toolForm.test(tool)) return null;
  if (typeof messageId !== "string" || messageId.length > idLength || input === undefined) return null;
  if (typeof occurrence !== "number" || !Number.isInteger(occurrence)) return null;
  if (occurrence < 0 || occurrence > mostOccurrences || typeof mayHaveRun !== "boolean") return null;
  const request = { messageId, tool, input, occurrence, mayHaveRun };
  if (question === undefined) return { ...request, suggestions: suggestionsIn(suggestions) };
  const asked = questionIn(question);
  return asked === null ? null : { ...request, question: asked };
};

/** Limits of what a card offers: suggestions, rules of one, and UTF-16 units of a rule. */
const [mostSuggestions, mostRules, ruleLength] = [5, 10, 1_000];

/** `Bash`, `Bash(npm test *)` */
const ruleForm = /^[\w.:-]{1,200}(?:\([^\p{C}]+\))?$/u;

const isRule = (rule: unknown): rule is string =>
  typeof rule === "string" && rule.length <= ruleLength && ruleForm.test(rule);

/** The suggestions that a person can read. The others are left out: choosing one is optional. */
const suggestionsIn = (value: unknown): readonly ToolSuggestion[] => {
  const suggestions: readonly unknown[] = Array.isArray(value) ? value : [];
  return suggestions
    .filter(
      (rules): rules is ToolSuggestion =>
        Array.isArray(rules) && rules.length > 0 && rules.length <= mostRules && rules.every(isRule),
    )
    .slice(0, mostSuggestions);
};

/** The largest value of the column on PostgreSQL. */
const mostOccurrences = 2 ** 31 - 1;

/** The kind of the approval for a request, in `pending_approvals.kind`. */
export const kindOfRequest = ({ question }: ToolRequest): "tool" | "question" =>
  question === undefined ? "tool" : "question";

/** Equal for the same tool with the same input at the same place of a turn. */
export const requestKey = ({ messageId, tool, input, occurrence }: ToolRequest): string =>
  JSON.stringify([messageId, tool, inputHash(input), occurrence]);

/** SHA-256 of an input, in hex. */
export const inputHash = (input: unknown): string =>
  createHash("sha256").update(canonicalInput(input)).digest("hex");

/**
 * The input as a person reads it: a line for each field, as JSON. A text of several lines follows its field,
 * each of its lines with `>` before it. No other line starts with `>`, so the agent's text cannot pass for a
 * line of the host.
 */
export const inputLines = (input: unknown): readonly string[] => {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return [JSON.stringify(input)];
  return Object.entries(input).flatMap(([name, value]) => {
    const field = /^\w+$/.test(name) ? name : JSON.stringify(name);
    if (typeof value !== "string" || !value.includes("\n")) return [`${field}: ${JSON.stringify(value)}`];
    const lines = value.split("\n");
    return [`${field}, ${lines.length} lines:`, ...lines.map((line) => `> ${line}`)];
  });
};

/** The lines about what the CLI suggests to allow from now on. A person chooses one by its number. */
export const suggestionLines = (suggestions: readonly ToolSuggestion[]): readonly string[] =>
  suggestions.map((rules, index) => `Rule ${index + 1} that its CLI suggests: ${rules.join(" and ")}`);

/** `use Bash {"command":"ls"}` */
export const toolText = (command: string, shown: Readonly<Record<string, unknown>>): string =>
  harmless(`${command} ${JSON.stringify(shown["input"])}`);
