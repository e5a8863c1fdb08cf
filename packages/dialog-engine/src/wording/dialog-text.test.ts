import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readerOf, type Text } from "./dialog-text.ts";
import { passageOf } from "./passage.ts";
import type { Reading } from "./sentence.ts";

const folder = { path: "/home/ana/shop", home: "/home/ana" };
const text: Text = [
  "Do you trust this folder?",
  "{folder}",
  { oneOf: ["It has {count} commands.", "It has 1 command."] },
  { maybe: ["They are {list}."] },
  "Learn more: {link}",
];
const rows = [
  "Do you trust this folder?",
  "/home/ana/shop",
  "It has 2 commands.",
  "They are a, b, and 3 more.",
  "Learn more: https://acme.dev/trust",
];

const problems = (shown: readonly string[], of: Text = text, reading: Reading = { folder }) =>
  readerOf(of, reading).problemsOf(passageOf(shown, 80));

/** Rows as a program wraps them: at spaces, and within a word that is longer than a row. */
const wrapped = (row: string, width: number): string[] =>
  row.split(" ").reduce<string[]>(
    (lines, word) => {
      const last = lines.at(-1) ?? "";
      const fits = last === "" || last.length + 1 + word.length <= width;
      const rest = fits ? lines.slice(0, -1) : lines;
      const line = fits ? `${last}${last === "" ? "" : " "}${word}` : word;
      return [...rest, ...(line.match(new RegExp(`.{1,${width}}`, "gu")) ?? [""])];
    },
    [""],
  );

describe("a dialog's text", () => {
  test("is known if every sentence in it is known", () => expect(problems(rows)).toEqual([]));

  const same = [
    { what: "an optional sentence is missing", shown: rows.toSpliced(3, 1) },
    { what: "a sentence has another of its wordings", shown: rows.with(2, "It has 1 command.") },
    { what: "it is boxed and indented", shown: ["", ...rows.map((row) => `│   ${row.padEnd(60)} │`), ""] },
    { what: "the folder is written below HOME", shown: rows.with(1, "~/shop") },
  ];
  test.each(same)("is known where $what", ({ shown }) => expect(problems(shown)).toEqual([]));

  const other = [
    {
      what: "one more sentence",
      shown: rows.toSpliced(3, 0, "And its parents."),
      says: ['unknown text "And its parents."'],
    },
    {
      what: "a longer sentence",
      shown: rows.with(0, "Do you trust this folder? And its parents?"),
      says: ['unknown text "And its parents?"'],
    },
    {
      what: "another folder",
      shown: rows.with(1, "/etc"),
      says: ['no "/home/ana/shop"', 'unknown text "/etc"'],
    },
    { what: "a missing sentence", shown: rows.toSpliced(2, 1), says: ['no "It has {count} commands."'] },
    {
      what: "words in the place of a number",
      shown: rows.with(2, "It has no commands."),
      says: ['no "It has {count} commands."', 'unknown text "It has no commands."'],
    },
    {
      what: "a sentence in a list of words",
      shown: rows.with(3, "They are a, and all others too."),
      says: ['unknown text "They are a, and all others too."'],
    },
    {
      what: "an address without https",
      shown: rows.with(4, "Learn more: http://acme.dev"),
      says: ['no "Learn more: {link}"', 'unknown text "Learn more: http://acme.dev"'],
    },
    {
      what: "its sentences in another order",
      shown: [...rows].reverse(),
      says: ["its sentences in another order"],
    },
    {
      what: "every sentence twice",
      shown: [...rows, ...rows],
      says: [expect.stringMatching(/^unknown text ".*Do you trust this folder/u)],
    },
  ];
  test.each(other)("is unknown with $what, and the problem is named", ({ shown, says }) =>
    expect(problems(shown)).toEqual(says),
  );

  test("is read the same at every width", () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 120 }), fc.boolean(), (width, isBoxed) => {
        const lines = rows.flatMap((row) => wrapped(row, width));
        const drawn = isBoxed
          ? lines.map((line) => `│ ${line.padEnd(width)} │`)
          : lines.map((line) => ` ${line}`);
        const passage = passageOf(drawn, width + 2);
        expect(readerOf(text, { folder }).problemsOf(passage)).toEqual([]);
      }),
    );
  });

  test("accepts any folder, and only a folder, if the started one is unknown", () => {
    expect(problems(rows.with(1, "/etc"), text, {})).toEqual([]);
    expect(problems(rows.with(1, "everything"), text, {})).not.toEqual([]);
  });

  test("matches the whole text in a slot of the pack", () => {
    const slots = { colour: /^(?:red|blue)$/u };
    const own: Text = ["Its colour is {colour}."];
    expect(problems(["Its colour is blue."], own, { slots })).toEqual([]);
    expect(problems(["Its colour is blue and red."], own, { slots })).not.toEqual([]);
  });

  test("throws on an unknown slot", () => {
    expect(() => readerOf(["Its colour is {colour}."], {})).toThrow("no slot is called {colour}");
  });
});
