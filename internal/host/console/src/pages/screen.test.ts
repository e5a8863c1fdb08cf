import { describe, expect, test } from "vitest";
import { screenOf, spansIn } from "./screen.ts";

/** A row as a holder draws it. */
const row = (number: number, text: string): string => `\u001b[${number};1H\u001b[0m\u001b[2K${text}`;

describe("the rows of a frame", () => {
  test.each([
    { what: "plain text", text: "hello", spans: [["hello", ""]] },
    { what: "nothing", text: "", spans: [] },
    {
      what: "empty cells",
      text: "a\u001b[3Cb",
      spans: [
        ["a", ""],
        ["   ", ""],
        ["b", ""],
      ],
    },
    {
      what: "a colour, and its end",
      text: "\u001b[31mred\u001b[39m.",
      spans: [
        ["red", "c1"],
        [".", ""],
      ],
    },
    { what: "a bright colour", text: "\u001b[92mok", spans: [["ok", "c2"]] },
    {
      what: "several at once",
      text: "\u001b[1;7;34mx\u001b[0my",
      spans: [
        ["x", "c4 bold inverse"],
        ["y", ""],
      ],
    },
    {
      what: "faint, and normal again",
      text: "\u001b[2mx\u001b[22my",
      spans: [
        ["x", "faint"],
        ["y", ""],
      ],
    },
    { what: "a colour of 256", text: "\u001b[38;5;196mx", spans: [["x", "c1"]] },
    { what: "a grey of 256", text: "\u001b[38;5;246mx", spans: [["x", "c7"]] },
    { what: "a colour of 24 bits", text: "\u001b[38;2;215;119;87mx", spans: [["x", "c1"]] },
    { what: "a ground, which is left out", text: "\u001b[48;2;1;31;32m\u001b[33mx", spans: [["x", "c3"]] },
    { what: "a ground and a colour at once", text: "\u001b[48;5;31;36mx", spans: [["x", "c6"]] },
    { what: "another sequence, at which it ends", text: "a\u001b[2Jb", spans: [["a", ""]] },
  ])("have $what", ({ text, spans }) => {
    const [span = []] = spansIn(`\u001b[?2026h${row(1, text)}`).values();
    expect(span.map((one) => [one.text, one.style])).toEqual(spans);
  });

  test("have their numbers from 0, and end before the modes of the frame", () => {
    const paint = `\u001b[?2026h\u001b[2J${row(1, "a")}${row(3, "c")}\u001b[0m\u001b[?25h`;
    const shown = [...spansIn(paint)].map(([number, spans]) => [
      number,
      spans.map(({ text }) => text).join(""),
    ]);
    expect(shown).toEqual([
      [0, "a"],
      [2, "c"],
    ]);
  });
});

describe("a screen", () => {
  const paint = `${row(1, "\u001b[31mkey\u001b[0m sk-secret")}${row(2, "\u001b[32mfine")}`;

  test("has the colours of its frame", async () => {
    expect(String(await screenOf(["key sk-secret", "fine"], paint))).toBe(
      '<span class="c1">key</span> sk-secret\n<span class="c2">fine</span>\n',
    );
  });

  test("shows a row that was redacted without the text, and the colours, of its frame", async () => {
    expect(String(await screenOf(["key [redacted]", "fine"], paint))).toBe(
      'key [redacted]\n<span class="c2">fine</span>\n',
    );
  });

  test.each([
    { what: "without a frame", paint: null },
    { what: "with a frame of something else", paint: "<script>" },
  ])("is text $what", async ({ paint: drawn }) => {
    expect(String(await screenOf(["<b>\u001b[31m"], drawn))).toBe("&lt;b&gt;\\u{1b}[31m\n");
  });
});
