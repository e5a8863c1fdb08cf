import type { ToolSuggestion } from "@gatehouse/session-rows/messages";
import type { CardOption } from "@gatehouse/std";
import { harmless, parsedArgs, type Pending } from "./approval-row.ts";
import { shortLabel } from "./card-lines.ts";
import { questionOf } from "./questions.ts";

/** An option of a card, and the command that it stands for: `approvals approve --group ag-1`. */
export type Choice = Omit<CardOption, "command"> & {
  readonly verb: keyof typeof wordsOf;
  readonly args: Readonly<Record<string, string | true>>;
};

/** The flags that take a person's words. */
export const wordsOf = { approve: null, reject: "reason", answer: "text" } as const;

export const approve: Choice = { id: "approve", label: "Approve", verb: "approve", args: {} };

export const reject: Choice = { id: "reject", label: "Reject", verb: "reject", args: {} };

export const rejectWithWords: Choice = {
  ...reject,
  label: "Reject; the agent reads what you write after it",
  button: "Reject",
  words: "optional",
};

export type Group = { readonly id: string; readonly name: string };

/** One option for each group that may answer in a chat. */
export const groupChoices = (groups: readonly Group[]): readonly Choice[] =>
  groups.map(({ id, name }, index) => ({
    ...approve,
    ...(groups.length === 1
      ? {}
      : { id: `approve:${index + 1}`, label: `Approve: ${harmless(name)} answers` }),
    args: { group: id },
  }));

/** To use a tool once, or from now on. A person chooses the latter only after reading everything that it allows. */
export const toolChoices = (approval: Pick<Pending, "shown">, isCut: boolean): readonly Choice[] => [
  { ...approve, label: "Allow once" },
  ...(isCut ? [] : alwaysIn(approval)),
];

const alwaysIn = (approval: Pick<Pending, "shown">): readonly Choice[] => [
  {
    id: "always",
    label: "Always allow exactly this in this group",
    button: "Always this",
    verb: "approve",
    args: { always: true },
  },
  ...suggestionsOf(approval).map((rules, index): Choice => {
    const label = `Always allow in this group what its CLI matches with ${shortLabel(harmless(rules.join(" and ")))}`;
    const button = `Always, rule ${index + 1}`;
    return { id: `always:${index + 1}`, label, button, verb: "approve", args: { rule: String(index + 1) } };
  }),
];

/** The permissions that the CLI of an agent suggests to keep. */
export const suggestionsOf = ({ shown }: Pick<Pending, "shown">): readonly ToolSuggestion[] =>
  (parsedArgs(shown) as { readonly suggestions?: readonly ToolSuggestion[] }).suggestions ?? [];

/** The answers to a question. Those to several questions, and several options, are words. */
export const questionChoices = (approval: Pick<Pending, "shown">): readonly Choice[] => {
  const question = questionOf(approval);
  if (question.type === "plan") return [{ ...approve, label: "Approve the plan" }];
  const [first, ...others] = question.questions;
  const own: Choice = {
    id: "answer",
    label: wordsOfAnswer(question.questions),
    button: "Answer in words",
    verb: "answer",
    args: {},
    words: "required",
  };
  if (first === undefined || others.length > 0 || first.isMultiple) return [own];
  const options = first.options.map(({ label }, index): Choice => {
    const number = String(index + 1);
    const shown = shortLabel(harmless(label));
    return { id: `answer:${number}`, label: shown, verb: "answer", args: { text: number } };
  });
  return [...options, own];
};

const wordsOfAnswer = (questions: readonly { readonly isMultiple: boolean }[]): string => {
  const numbers = questions.some(({ isMultiple }) => isMultiple) ? "numbers (1,3) or your own words" : null;
  if (questions.length > 1)
    return `Answer in order, with ; between the answers: ${numbers ?? "a number or your own words"}`;
  return numbers === null ? "Answer in your own words" : `Answer with ${numbers}`;
};
