import { describe, expect, test } from "vitest";
import { answersIn, partFor, withLastLine } from "./answers-in.ts";

describe("answersIn", () => {
  test.each([
    { what: "nothing outside of a block", text: "I think that is all.", is: [] },
    {
      what: "one block for each of several destinations",
      text: 'Both.\n<message to="team">one\ntwo</message>\nand\n  <message to="bo">three</message>\nDone.',
      is: [
        { to: "team", text: "one\ntwo" },
        { to: "bo", text: "three" },
      ],
    },
    {
      what: "the whole body with a closing tag in it",
      text: '<message to="team">End it with `</message>`, then go on.</message>\n<message to="bo">ok</message>',
      is: [
        { to: "team", text: "End it with `</message>`, then go on." },
        { to: "bo", text: "ok" },
      ],
    },
    {
      what: "the whole body with a quoted block in it, which is not sent separately",
      text: '<message to="team">Write:\n<message to="bo">hi</message>\nThat is all.</message>',
      is: [{ to: "team", text: 'Write:\n<message to="bo">hi</message>\nThat is all.' }],
    },
    { what: "nothing of a block without an end", text: '<message to="team">and then', is: [] },
    { what: "nothing of a tag in a sentence", text: 'Use <message to="team">x</message> for it.', is: [] },
  ])("returns $what", ({ text, is }) => expect(answersIn(text)).toEqual(is));
});

describe("the preview of a text that is still being written", () => {
  test.each([
    { what: "the whole text without a block", text: "It is\ndone", to: "team", is: "It is\ndone" },
    { what: "no beginning of a tag", text: 'Both.\n<message to="te', to: "team", is: "Both." },
    {
      what: "an open block for the chat",
      text: 'Both.\n<message to="team">one\ntw',
      to: "team",
      is: "one\ntw",
    },
    { what: "no beginning of a closing tag", text: '<message to="team">one</mess', to: "team", is: "one" },
    { what: "no block for another destination", text: '<message to="bo">secret', to: "team", is: "" },
    { what: "no block for a chat without a name", text: '<message to="bo">secret', to: null, is: "" },
    {
      what: "all blocks for the chat, and no text between them",
      text: '<message to="team">one</message>\nand\n<message to="bo">x</message>\n<message to="team">two',
      to: "team",
      is: "one\n\ntwo",
    },
    { what: "a comparison", text: "Is a < b", to: "team", is: "Is a < b" },
  ])("shows $what", ({ text, to, is }) => expect(partFor(text, to)).toBe(is));

  test("equals the sent text at the end", () => {
    const text = '<message to="team">one</message>, two</message>\n<message to="bo">x</message>';
    expect(partFor(text, "team")).toBe(answersIn(text)[0]?.text);
  });
});

describe("the last line of a text that was cut", () => {
  test.each([
    { what: "the text without a block", text: "It is\n", is: "It is\n\n(cut)" },
    { what: "no beginning of a tag", text: "It is </mess", is: "It is\n\n(cut)" },
    { what: "an open block", text: '<message to="team">one', is: [{ to: "team", text: "one\n\n(cut)" }] },
    {
      what: "the last block, which is complete",
      text: '<message to="bo">x</message>\n<message to="team">one</message>\nAnd',
      is: [
        { to: "bo", text: "x" },
        { to: "team", text: "one\n\n(cut)" },
      ],
    },
    {
      what: "a block with an open quoted one",
      text: '<message to="team">Write:\n<message to="bo">hi',
      is: [{ to: "team", text: 'Write:\n<message to="bo">hi</message>\n\n(cut)' }],
    },
  ])("follows $what", ({ text, is }) => {
    const whole = withLastLine(text, "(cut)");
    expect(typeof is === "string" ? whole : answersIn(whole)).toEqual(is);
  });
});
