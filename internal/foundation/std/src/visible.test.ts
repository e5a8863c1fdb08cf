import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, visible, visibleJson, visibleLines, wordsInOrder } from "./visible.ts";

test.each([
  { what: "a terminal's escape", text: "\u001b[2J", shown: "\\u{1b}[2J" },
  { what: "an 8-bit escape", text: "\u009b2J", shown: "\\u{9b}2J" },
  { what: "a line break", text: "a\nb\r", shown: "a\\u{a}b\\u{d}" },
  { what: "a line break of Unicode", text: "\u2028\u2029", shown: "\\u{2028}\\u{2029}" },
  {
    what: "the ends of the range that changes the direction",
    text: "\u202a\u202e",
    shown: "\\u{202a}\\u{202e}",
  },
  { what: "the ends of the range that isolates text", text: "\u2066\u2069", shown: "\\u{2066}\\u{2069}" },
  { what: "direction marks", text: "\u061c\u200e\u200f", shown: "\\u{61c}\\u{200e}\\u{200f}" },
  {
    what: "a character next to direction marks",
    text: "\u202f\u2010 \u00a0é漢Ω",
    shown: "\u202f\u2010 \u00a0é漢Ω",
  },
  {
    what: "a character without width",
    text: "a\u200b\u200c\u200d\u2060\ufeffb",
    shown: "a\\u{200b}\\u{200c}\\u{200d}\\u{2060}\\u{feff}b",
  },
  {
    what: "a character that is drawn blank",
    text: "\u00ad\u3164\u2800a\ufe0f",
    shown: "\\u{ad}\\u{3164}\\u{2800}a\\u{fe0f}",
  },
  { what: "a tag", text: "a\u{e0041}\u{e007f}", shown: "a\\u{e0041}\\u{e007f}" },
  { what: "half a surrogate pair", text: "a\ud83d", shown: "a\\u{d83d}" },
  { what: "emoji with joiners", text: "👩‍💻 👩🏽‍💻 🏳️‍🌈 ❤️ 👨‍👩‍👧", shown: "👩‍💻 👩🏽‍💻 🏳️‍🌈 ❤️ 👨‍👩‍👧" },
  { what: "a joiner after an emoji", text: "👩\u200d", shown: "👩\\u{200d}" },
])("visible shows $what safely", ({ text, shown }) => expect(visible(text)).toBe(shown));

test.each([
  { what: "Hebrew", text: "mv אְב /1 גד", shown: "mv \\u{5d0}\\u{5b0}\\u{5d1} /1 \\u{5d2}\\u{5d3}" },
  { what: "Arabic, also its forms and digits", text: "ا١ ﻼ", shown: "\\u{627}\\u{661} \\u{fefc}" },
  { what: "a rare script", text: "a\u{10800}\u{1e900}", shown: "a\\u{10800}\\u{1e900}" },
])("visible shows letters of $what as escapes where they could turn a line around", ({ text, shown }) => {
  expect(visible(wordsInOrder(text))).toBe(shown);
  expect(wordsInOrder(text).replaceAll(/[\u2068\u2069]/g, "")).toBe(text);
  expect(visible(text)).toBe(text);
});

test("wordsInOrder sets each word apart, and leaves other scripts", () =>
  expect(wordsInOrder("a/אב/גד.txt é漢")).toBe("a/\u2068אב\u2069/\u2068גד\u2069.txt é漢"));

test("visibleLines keeps line ends", () => expect(visibleLines("a\n\u001b\n")).toBe("a\n\\u{1b}\n"));

/** Control and invisible characters, without the joiners of emoji, since some of these stay. */
const unseen = /[\p{Cc}\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/u;

const texts = fc.string({ unit: "binary" }).map((text) => `${text}\u202e\u009b\u{e0041}${text}`);

test("visible leaves no invisible character in any text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(visible(text)).not.toMatch(unseen);
    }),
  );
});

test("visibleJson keeps the value of any document, and leaves no invisible character", () => {
  fc.assert(
    fc.property(fc.jsonValue(), texts, (value, text) => {
      for (const indent of [0, 2]) {
        const written = visibleJson([value, { [text]: text }], indent);
        expect(written.replaceAll("\n", "")).not.toMatch(unseen);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify([value, { [text]: text }])));
      }
    }),
  );
});

test.each([
  { what: "line breaks of every kind", text: "a\n\nhost: b\r\nc\u2028d\u0085e", is: "a host: b c d\\u{85}e" },
  { what: "blanks that fill a row", text: `a${" \u00a0\u3000\t".repeat(90)}host: b`, is: "a host: b" },
  { what: "an escape of a terminal", text: "a\u001b[2J", is: "a\\u{1b}[2J" },
  { what: "a text of the greatest length", text: "x".repeat(40), is: "x".repeat(40) },
  { what: "a longer text", text: "x".repeat(41), is: `${"x".repeat(15)} [cut off: 41 characters]` },
  {
    what: "a cut within an emoji",
    text: `${"x".repeat(14)}😀${"x".repeat(39)}`,
    is: `${"x".repeat(14)} [cut off: 55 characters]`,
  },
  { what: "megabytes of blanks", text: " ".repeat(3_000_000), is: " [cut off: 3000000 characters]" },
])("oneLine makes one bounded line of $what", ({ text, is }) => {
  expect(oneLine(text, 40)).toBe(is);
});
