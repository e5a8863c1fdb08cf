import { expect, test } from "vitest";
import { visible, visibleLines } from "./visible.ts";

test.each([
  { what: "a terminal's escape", text: "\u001b[2J", shown: "\\u{1b}[2J" },
  { what: "one in 8 bits", text: "\u009b2J", shown: "\\u{9b}2J" },
  { what: "a line break", text: "a\nb\r", shown: "a\\u{a}b\\u{d}" },
  { what: "a line break of Unicode", text: "\u2028\u2029", shown: "\\u{2028}\\u{2029}" },
  { what: "the ends of the range that turns text", text: "\u202a\u202e", shown: "\\u{202a}\\u{202e}" },
  { what: "the ends of the range that isolates it", text: "\u2066\u2069", shown: "\\u{2066}\\u{2069}" },
  { what: "marks of a direction", text: "\u061c\u200e\u200f", shown: "\\u{61c}\\u{200e}\\u{200f}" },
  {
    what: "what stands beside those",
    text: "\u202f\u2065\u200d \u00a0é漢👩‍💻",
    shown: "\u202f\u2065\u200d \u00a0é漢👩‍💻",
  },
])("$what is shown so that it does nothing", ({ text, shown }) => expect(visible(text)).toBe(shown));

test("lines of a text stay lines", () => expect(visibleLines("a\n\u001b\n")).toBe("a\n\\u{1b}\n"));
