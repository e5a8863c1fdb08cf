import { describe, expect, test } from "vitest";
import { answerIn, promptStateIn } from "./thread.ts";

const [batch, other] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

const prompt = (clientId: string | null) => ({ type: "userMessage", clientId, content: [] });
const said = (text: string, phase: string | null = null) => ({ type: "agentMessage", text, phase });
const turn = (id: string, status: string, ...items: readonly object[]) => ({ id, status, items });

describe("the state of a prompt in Codex's thread", () => {
  test.each([
    { name: "a thread without turns", turns: [] },
    { name: "no list", turns: null },
    {
      name: "the prompt of another batch, answered",
      turns: [turn("t", "completed", prompt(other), said("hi"))],
    },
    { name: "a turn that a person ended", turns: [turn("t", "interrupted", prompt(other))] },
    { name: "an older empty turn", turns: [turn("b", "completed", prompt(other)), turn("a", "interrupted")] },
  ])("is absent for $name", ({ turns }) => expect(promptStateIn(turns, batch)).toEqual({ state: "absent" }));

  test.each([
    { name: "a turn that was cut", turns: [turn("t", "interrupted", prompt(batch), said("half"))] },
    { name: "a turn that failed", turns: [turn("t", "failed", prompt(batch))] },
    { name: "a turn that still runs", turns: [turn("t", "inProgress", prompt(batch))] },
    { name: "a turn that was cut before its prompt", turns: [turn("t", "interrupted")] },
    {
      name: "words of a person's denial",
      turns: [turn("t", "interrupted", prompt(batch), prompt(null))],
    },
  ])("is open for $name", ({ turns }) =>
    expect(promptStateIn(turns, batch)).toEqual({ state: "open", turn: "t" }),
  );

  test("is answered, also behind a newer turn", () =>
    expect(
      promptStateIn(
        [turn("b", "interrupted", prompt(other)), turn("a", "completed", prompt(batch), said("hi"))],
        batch,
      ),
    ).toEqual({ state: "answered", text: "hi" }));
});

describe("the answer of a turn", () => {
  test.each([
    { name: "nothing", items: [], text: "" },
    {
      name: "words between tools",
      items: [said("I look."), { type: "commandExecution" }, said("Done.")],
      text: "Done.",
    },
    {
      name: "final messages",
      items: [said("I look.", "commentary"), said("One.", "final_answer"), said("Two.", "final_answer")],
      text: "One.\nTwo.",
    },
  ])("is right for $name", ({ items, text }) => expect(answerIn(items)).toBe(text));
});
