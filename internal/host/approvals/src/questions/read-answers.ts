import type { AskedQuestion } from "@gatehouse/session-rows/messages";
import { fail, ok, type Result } from "@gatehouse/std";

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
