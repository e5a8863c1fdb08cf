import { describe, expect, test } from "vitest";
import displayWidth from "string-width";
import { fitted, withWidth } from "./display-width.ts";

const rows = [
  { what: "plain text", text: "abc", cells: 3 },
  { what: "an empty text", text: "", cells: 0 },
  { what: "accents, also as combining marks", text: "e\u0301é", cells: 2 },
  { what: "Chinese", text: "目录", cells: 4 },
  { what: "Japanese and Korean", text: "カ한", cells: 4 },
  { what: "half-width katakana", text: "ｶ", cells: 1 },
  { what: "full-width letters", text: "Ａ", cells: 2 },
  { what: "an emoji", text: "🚀", cells: 2 },
  { what: "a family that is one emoji", text: "👩‍👧", cells: 2 },
  { what: "a heart drawn as an emoji", text: "❤️", cells: 2 },
  { what: "a heart drawn as text", text: "❤", cells: 1 },
  { what: "a flag", text: "🇩🇪", cells: 2 },
  { what: "Cyrillic and box drawing", text: "ж─", cells: 2 },
];

describe("withWidth", () => {
  const widthOf = async (text: string): Promise<number> =>
    Number(await withWidth((width) => String(width(text))));

  test.for(rows)("measures $cells cells for $what", async ({ text, cells }) =>
    expect(await widthOf(text)).toBe(cells),
  );
});

describe("fitted", () => {
  test.for([
    { text: "abc", cells: 3, shown: "abc" },
    { text: "abcd", cells: 3, shown: "ab…" },
    { text: "目录目", cells: 5, shown: "目录…" },
    { text: "目录目", cells: 4, shown: "目…" },
    { text: "a👩‍👧b", cells: 3, shown: "a…" },
  ])("shortens $text to $cells cells as $shown", ({ text, cells, shown }) => {
    expect(fitted(text, cells, displayWidth)).toBe(shown);
    expect(displayWidth(shown)).toBeLessThanOrEqual(cells);
  });
});
