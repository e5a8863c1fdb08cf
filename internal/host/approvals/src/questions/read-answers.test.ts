import type { AskedQuestion } from "@gatehouse/session-rows/messages";
import { expect, test } from "vitest";
import { readAnswers } from "./read-answers.ts";

const options = ["Red", "Blue", "Green, dark"].map((label) => ({ label, description: "" }));
const one: AskedQuestion = { question: "Which?", header: "", options, isMultiple: false };
const several: AskedQuestion = { ...one, isMultiple: true };

test.each([
  { questions: [one], text: "2", answers: ["Blue"] },
  { questions: [one], text: " red ", answers: ["Red"] },
  { questions: [one], text: "green, dark", answers: ["Green, dark"] },
  { questions: [one], text: "none; of these, 2", answers: ["none; of these, 2"] },
  { questions: [one], text: '"2"', answers: ["2"] },
  { questions: [one], text: "1,2", answers: ["1,2"] },
  { questions: [several], text: "1,3", answers: ["Red, Green, dark"] },
  { questions: [several], text: "2, 2, mauve", answers: ["Blue, mauve"] },
  { questions: [several], text: '"1,2"', answers: ["1,2"] },
  { questions: [one, several], text: "1; 1,2", answers: ["Red", "Red, Blue"] },
  { questions: [one, several], text: "a; b\n2", answers: ["a; b", "Blue"] },
])("reads $text", ({ questions, text, answers }) =>
  expect(readAnswers(questions, text)).toEqual({ ok: true, value: answers }),
);

test.each([
  { questions: [one], text: "4", error: "there is no option 4" },
  { questions: [one], text: "0", error: "there is no option 0" },
  { questions: [several], text: "1,4", error: "there is no option 4" },
  { questions: [one], text: "  ", error: "an answer is missing" },
  { questions: [several], text: ",", error: "an answer is missing" },
  { questions: [one, several], text: "1", error: "It asks 2 questions, and this answers 1" },
  { questions: [one, one], text: "1; 2; 3", error: "It asks 2 questions, and this answers 3" },
  { questions: [one, one], text: "1; 9", error: "Question 2: there is no option 9" },
  { questions: [one, one], text: "1;", error: "Question 2: an answer is missing" },
])("refuses $text", ({ questions, text, error }) =>
  expect(readAnswers(questions, text)).toMatchObject({ ok: false, error: expect.stringContaining(error) }),
);
