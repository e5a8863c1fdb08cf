import type { Card } from "@gatehouse/std";
import { expect, test } from "vitest";
import { buttonsOf, hintsOf } from "./card-options.ts";

const option = (label: string, more: Partial<Card["options"][number]> = {}): Card["options"][number] => ({
  id: "a",
  label,
  command: "ncl approvals approve ap-1",
  ...more,
});

const cardOf = (...options: readonly Card["options"][number][]): Card => ({
  id: "c-1",
  title: "May Ana?",
  lines: [],
  digest: "0123456789abcdef",
  options,
});

test.for([
  { what: "that fits", label: "Allow once", text: "Allow once", hints: [] },
  { what: "of the most characters", label: "x".repeat(20), text: "x".repeat(20), hints: [] },
  {
    what: "of one character more",
    label: "x".repeat(21),
    text: `1: ${"x".repeat(15)}…`,
    hints: [`1: ${"x".repeat(21)}`],
  },
  { what: "of two lines", label: "a\nb", text: "a b", hints: [] },
])("a label $what is on its button, or in a line with the button's number", ({ label, text, hints }) => {
  expect(buttonsOf(cardOf(option(label)), 20)).toEqual([{ text, data: "c-1:0" }]);
  expect(text.length).toBeLessThanOrEqual(20);
  expect(hintsOf(cardOf(option(label)), 20, "Reply")).toEqual(hints);
});

test("a button with a word of its own is explained by the label", () =>
  expect(hintsOf(cardOf(option("Always allow this", { button: "Always" })), 20, "Reply")).toEqual([
    "Always: Always allow this",
  ]));

test("words are for the option that needs them, before one that takes them", () => {
  const [takes, needs] = [option("Reject", { words: "optional" }), option("Answer", { words: "required" })];
  expect(hintsOf(cardOf(takes, needs), 20, "Reply")).toEqual(["Reply with words: Answer"]);
  expect(hintsOf(cardOf(takes), 20, "Reply")).toEqual(["Reply with words: Reject"]);
});
