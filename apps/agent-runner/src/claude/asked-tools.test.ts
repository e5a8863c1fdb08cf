import { describe, expect, test } from "vitest";
import { answeredInput, questionIn } from "./asked-tools.ts";

/** An input of AskUserQuestion as Claude Code 2.1.328 sends it. */
const input = {
  questions: [
    {
      question: "Which?",
      header: "Colour",
      multiSelect: true,
      options: [{ label: "Red", description: "warm", preview: "x" }],
    },
  ],
};

describe("questionIn", () => {
  test("reads questions with their options", () =>
    expect(questionIn("AskUserQuestion", input)).toEqual({
      type: "choices",
      questions: [
        {
          question: "Which?",
          header: "Colour",
          isMultiple: true,
          options: [{ label: "Red", description: "warm" }],
        },
      ],
    }));

  test.each([
    { value: { plan: "# Plan", planFilePath: "/x" }, plan: "# Plan" },
    { value: {}, plan: "" },
  ])("reads a plan of $value", ({ value, plan }) =>
    expect(questionIn("ExitPlanMode", value)).toEqual({ type: "plan", plan }),
  );

  test.each([
    { tool: "Bash", value: input },
    { tool: "mcp__x__AskUserQuestion", value: input },
    { tool: "constructor", value: input },
    { tool: "AskUserQuestion", value: {} },
    { tool: "AskUserQuestion", value: { questions: [] } },
    { tool: "AskUserQuestion", value: { questions: [{ question: 1, options: [] }] } },
  ])("reads $tool with $value as a tool that needs a permission", ({ tool, value }) =>
    expect(questionIn(tool, value)).toBeUndefined(),
  );
});

test("a person's answers replace the answers that the agent wrote itself", () =>
  expect(answeredInput({ ...input, answers: { "Which?": "forged" }, annotations: {} }, ["Red, S"])).toEqual({
    ...input,
    answers: { "Which?": "Red, S" },
  }));
