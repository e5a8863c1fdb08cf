import { describe, expect, test } from "vitest";
import { answersIn } from "./answers-in.ts";

describe("what is sent of a model's text", () => {
  test.each([
    { what: "nothing outside of a block (case 50)", text: "I think that is all.", is: [] },
    {
      what: "a block each for several (case 50)",
      text: 'Both.\n<message to="team">one\ntwo</message>\nand\n  <message to="bo">three</message>\nDone.',
      is: [
        { to: "team", text: "one\ntwo" },
        { to: "bo", text: "three" },
      ],
    },
    {
      what: "the whole body with a closing tag in it (case 53)",
      text: '<message to="team">End it with `</message>`, then go on.</message>\n<message to="bo">ok</message>',
      is: [
        { to: "team", text: "End it with `</message>`, then go on." },
        { to: "bo", text: "ok" },
      ],
    },
    {
      what: "the whole body with a block in it, which is sent to nobody (case 53)",
      text: '<message to="team">Write:\n<message to="bo">hi</message>\nThat is all.</message>',
      is: [{ to: "team", text: 'Write:\n<message to="bo">hi</message>\nThat is all.' }],
    },
    { what: "nothing of a block without an end", text: '<message to="team">and then', is: [] },
    { what: "nothing of a tag in a sentence", text: 'Use <message to="team">x</message> for it.', is: [] },
  ])("is $what", ({ text, is }) => expect(answersIn(text)).toEqual(is));
});
