import { describe, expect, test } from "vitest";
import { answerIn, promptStateIn, sentIn } from "./thread.ts";

const [batch, other] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

const prompt = (clientId: string | null) => ({ type: "userMessage", clientId, content: [] });
const said = (text: string, phase: string | null = null) => ({ type: "agentMessage", text, phase });
/** A message of the tool `send_message_to_user_async`, as 0.171.0 records it. */
const sent = (text: string, questions: unknown = null) => ({
  ...said(text, "final_answer"),
  delivery: "async",
  questions,
});
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
    ).toEqual({ state: "answered", text: "hi", sent: [] }));

  test("is answered by its end, and names what it sent before", () =>
    expect(promptStateIn([turn("a", "completed", prompt(batch), sent("May I?"), said("hi"))], batch)).toEqual(
      { state: "answered", text: "hi", sent: ["May I?"] },
    ));
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
    { name: "a message sent on the way", items: [sent("May I?"), said("Done.")], text: "Done." },
    {
      name: "a message sent on the way, by a model with phases",
      items: [sent("May I?"), said("Done.", "final_answer")],
      text: "Done.",
    },
    { name: "a message sent last", items: [said("Done."), sent("See above.")], text: "Done." },
    { name: "nothing but a message", items: [sent("May I?")], text: "" },
  ])("is right for $name", ({ items, text }) => expect(answerIn(items)).toBe(text));
});

describe("what a turn sends before its end", () => {
  const questions = [
    { title: "Which one?", options: ["a", "b"] },
    { title: "Why?", options: null },
  ];
  const asked = "Which one?\n- a\n- b\n\nWhy?";
  test.each([
    {
      name: "an answer",
      item: { ...said("Done.", "final_answer"), delivery: null, questions: null },
      text: null,
    },
    { name: "an item of 0.169.0", item: said("Done."), text: null },
    { name: "a tool", item: { type: "commandExecution", delivery: "async" }, text: null },
    { name: "a message", item: sent("May I?"), text: "May I?" },
    { name: "a delivery of another name", item: { ...sent("May I?"), delivery: "later" }, text: "May I?" },
    { name: "questions that its text has", item: sent(asked, questions), text: asked },
    {
      name: "questions beside its text",
      item: sent("Two things.", questions),
      text: `Two things.\n\n${asked}`,
    },
    { name: "questions without a text", item: sent("", questions), text: asked },
  ])("is $text for $name", ({ item, text }) => expect(sentIn(item)).toBe(text));
});
