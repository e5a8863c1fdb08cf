import { describe, expect, test } from "vitest";
import { createScreen } from "./screen.ts";

const rows = [
  { what: "concealed text", written: "a\x1b[8mb\x1b[28mc", seen: "a c" },
  { what: "text in the colour of its background", written: "a\x1b[31;41mb\x1b[0mc", seen: "a c" },
  { what: "the same with true colours", written: "a\x1b[38;2;1;2;3;48;2;1;2;3mb\x1b[0mc", seen: "a c" },
  { what: "a concealed wide character", written: "a\x1b[8m字\x1b[28mc", seen: "a  c" },
  { what: "concealed text at the end", written: "a\x1b[8mbc", seen: "a" },
  { what: "near miss: another background", written: "a\x1b[31;42mb\x1b[0mc", seen: "abc" },
  { what: "near miss: no colours", written: "a\x1b[7mb\x1b[27mc", seen: "abc" },
  { what: "a wide character beside concealed text", written: "字\x1b[8mb\x1b[28mc", seen: "字 c" },
];

describe("the rows that a person sees", () => {
  test.each(rows)("$what", ({ written, seen }) => {
    const screen = createScreen(20, 2);
    screen.write(written);
    expect(screen.view().rows).toEqual([seen, ""]);
  });
});
