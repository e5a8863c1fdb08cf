import { describe, expect, test } from "vitest";
import { isTyped } from "./terminal-input.ts";

describe("isTyped", () => {
  test.for([
    { what: "a letter", input: "y" },
    { what: "Enter", input: "\r" },
    { what: "Escape alone", input: "\x1b" },
    { what: "an arrow", input: "\x1b[B" },
    { what: "an arrow in application mode", input: "\x1bOB" },
    { what: "F3 with Shift, which looks like a cursor position", input: "\x1b[R" },
    { what: "a key in the kitty protocol", input: "\x1b[97;5u" },
    { what: "Ctrl-C", input: "\x03" },
    { what: "pasted text", input: "\x1b[200~hello\x1b[201~" },
    { what: "a mouse click", input: "\x1b[<0;3;4M" },
    { what: "a reply and a key behind it", input: "\x1b[?1;2cy" },
    { what: "half a reply, so that no key of a person is missed", input: "\x1b]11;rgb:00" },
  ])("is true for $what", ({ input }) => expect(isTyped(input)).toBe(true));

  test.for([
    { what: "nothing", input: "" },
    { what: "primary device attributes", input: "\x1b[?62;22c" },
    { what: "secondary device attributes", input: "\x1b[>41;366;0c" },
    { what: "the cursor's position", input: "\x1b[12;40R" },
    { what: "the kitty flags", input: "\x1b[?0u" },
    { what: "a colour, ended by BEL", input: "\x1b]11;rgb:0000/0000/0000\x07" },
    { what: "a colour, ended by ST", input: "\x1b]10;rgb:ffff/ffff/ffff\x1b\\" },
    { what: "XTVERSION", input: "\x1bP>|XTerm(390)\x1b\\" },
    { what: "focus in and out", input: "\x1b[I\x1b[O" },
    { what: "several replies at once", input: "\x1b[?1;2c\x1b]11;rgb:0/0/0\x07\x1b[?0u" },
  ])("is false for $what", ({ input }) => expect(isTyped(input)).toBe(false));
});
