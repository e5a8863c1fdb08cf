import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { drawMarkdown } from "./draw-markdown.ts";

const names: Readonly<Record<string, string>> = {
  1: "<b>",
  2: "<dim>",
  3: "<i>",
  4: "<u>",
  9: "<s>",
  36: "<cyan>",
  22: "</b>",
  23: "</i>",
  24: "</u>",
  29: "</s>",
  39: "</cyan>",
};

const draw = (...args: Parameters<typeof drawMarkdown>): string => drawMarkdown(...args)?.join("\n") ?? "";

/** The drawn rows, with styles as tags. Bold and dim end with the same code. */
const drawn = (text: string, columns = 61): readonly string[] =>
  (drawMarkdown(text, "Ada", columns)?.join("\n") ?? "as written")
    .replace(/\p{Cc}\[(\d+)m/gu, (code, number: string) => names[number] ?? code)
    .split("\n");

const fence = "```";

describe("drawMarkdown", () => {
  test.each<{ what: string; text: string; rows: readonly string[] }>([
    { what: "one line after the name", text: "hello", rows: ["Ada: hello"] },
    { what: "line breaks as they are", text: "one\ntwo\n\nthree", rows: ["Ada: one", "two", "", "three"] },
    {
      what: "emphasis, code and deleted text",
      text: "**a** *b* `c*d*` ~~e~~ snake_case_name 2 * 3 * 4",
      rows: ["Ada: <b>a</b> <i>b</i> <cyan>c*d*</cyan> <s>e</s> snake_case_name 2 * 3 * 4"],
    },
    { what: "emphasis in emphasis", text: "**a *b* c**", rows: ["Ada: <b>a <i>b</i> c</b>"] },
    {
      what: "headings",
      text: "# One\ntext\n\n### `Two`",
      rows: ["Ada:", "<b>One</b>", "text", "", "<b><cyan>Two</cyan></b>"],
    },
    {
      what: "a fenced block, with nothing in it read as Markdown",
      text: `Run:\n\n${fence}sh\nnpm **test**\n\n\tindented\n${fence}\nDone.`,
      rows: ["Ada: Run:", "", "  <dim>npm **test**</b>", "", "  <dim>    indented</b>", "Done."],
    },
    {
      what: "a fence that is not closed",
      text: `${fence}\na\n# b`,
      rows: ["Ada:", "  <dim>a</b>", "  <dim># b</b>"],
    },
    {
      what: "lists in lists",
      text: "- one\n  - two\n- three\n\n3. c\n4. d",
      rows: ["Ada:", "• one", "  • two", "• three", "", "3. c", "4. d"],
    },
    { what: "tasks", text: "- [x] done\n- [ ] open", rows: ["Ada:", "• [x] done", "• [ ] open"] },
    {
      what: "links with their addresses, also where the text claims another one",
      text: "[docs](https://a.example/x) <https://b.example> [https://bank.example](https://c.example)",
      rows: [
        "Ada: <u>docs</u> <dim>(https://a.example/x)</b> <u>https://b.example</u>",
        "<u>https://bank.example</u> <dim>(https://c.example)</b>",
      ],
    },
    {
      what: "an image",
      text: "![a cat](cat.png)",
      rows: ["Ada: <u>image a cat</u> <dim>(cat.png)</b>"],
    },
    {
      what: "quotes",
      text: "> one\n> > two",
      rows: ["Ada:", "<dim>│ </b>one", "<dim>│ </b><dim>│ </b>two"],
    },
    { what: "a rule", text: "a\n\n---", rows: ["Ada: a", "", `<dim>${"─".repeat(40)}</b>`] },
    {
      what: "HTML and comments, with nothing hidden",
      text: "<b>x</b> <!-- z -->\n\n<!-- hidden -->",
      rows: ["Ada: <b>x</b> <!-- z -->", "", "<!-- hidden -->"],
    },
    {
      what: "the address of a link by reference",
      text: "[a]\n\n[a]: https://a.example",
      rows: ["Ada: <u>a</u> <dim>(https://a.example)</b>", "", "[a]: https://a.example"],
    },
    {
      what: "a table",
      text: "| Name | Count |\n|:--|--:|\n| `a` | 1 |\n| 漢字 | 22 |",
      rows: ["Ada:", "<b>Name  Count</b>", "<dim>────  ─────</b>", "<cyan>a</cyan>         1", "漢字     22"],
    },
  ])("draws $what", ({ text, rows }) => expect(drawn(text)).toEqual(rows));

  const wide = `| Name | What it does |\n|--|--|\n| chat | ${"word ".repeat(12)}|`;

  test.each<{ what: string; text: string; columns: number; rows: readonly string[] }>([
    {
      what: "words that do not fit",
      text: "The quick brown fox jumps",
      columns: 21,
      rows: ["Ada: The quick brown", "fox jumps"],
    },
    {
      what: "a style over the end of a row",
      text: "**The quick brown fox jumps**",
      columns: 21,
      rows: ["Ada: <b>The quick brown</b>", "<b>fox jumps</b>"],
    },
    {
      what: "a word longer than a row",
      text: "x".repeat(30),
      columns: 21,
      rows: [`Ada: ${"x".repeat(15)}`, "x".repeat(15)],
    },
    {
      what: "wide characters",
      text: "漢".repeat(15),
      columns: 21,
      rows: [`Ada: ${"漢".repeat(7)}`, "漢".repeat(8)],
    },
    {
      what: "an item of a list, below its text",
      text: "- The quick brown fox jumps",
      columns: 23,
      rows: ["Ada:", "• The quick brown fox", "  jumps"],
    },
    {
      what: "a wide column of a table",
      text: wide,
      columns: 41,
      rows: [
        "Ada:",
        "<b>Name  What it does</b>",
        `<dim>────  ${"─".repeat(34)}</b>`,
        "chat  word word word word word word word",
        "      word word word word word",
      ],
    },
    {
      what: "a table with more columns than fit, as a list",
      text: "| A | B | C |\n|-|-|-|\n| seventeen | eighteen | nineteen |\n| 1 | | **3** |",
      columns: 22,
      rows: [
        "Ada:",
        "<b>A</b>: seventeen",
        "<b>B</b>: eighteen",
        "<b>C</b>: nineteen",
        "",
        "<b>A</b>: 1",
        "<b>B</b>:",
        "<b>C</b>: <b>3</b>",
      ],
    },
  ])("fits the terminal: $what", ({ text, columns, rows }) => expect(drawn(text, columns)).toEqual(rows));

  test.each<{ what: string; text: string }>([
    { what: "a very long text", text: "a ".repeat(8_001) },
    { what: "thousands of quotes in quotes", text: ">".repeat(15_000) },
  ])("leaves $what as it was written", ({ text }) => expect(drawn(text)).toEqual(["as written"]));
});

/** Control sequences that a terminal would act upon, without the styles that the drawing adds. */
const acting = (text: string): readonly string[] =>
  text
    .replace(/\p{Cc}\[(?:1|2|3|4|9|22|23|24|29|36|39)m/gu, "")
    .match(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu) ?? [];

const hostile = [
  ...[
    "\u001b[2J",
    "\u001b]0;title\u0007",
    "\u001b]8;;https://evil.example\u001b\\",
    "\u009b2J",
    "\r",
    "\b",
    "\u0000",
  ],
  ...["\u202e", "\u2066", "&#27;[2J", "&#x1b;[2J", "\u001b[1m", "\u001b[8m", "\u001b[36m"],
  ...[
    "`",
    "```\n",
    "**",
    "_",
    "[",
    "](",
    ")",
    "<",
    ">",
    "\n",
    "\n\n",
    "| a | b |\n|-|-|\n",
    "- ",
    "1. ",
    "# ",
    "> ",
    "!",
  ],
];

describe("hostile text", () => {
  test.each<{ what: string; text: string; shown: string }>([
    { what: "an escape sequence in a paragraph", text: "a\u001b[2Jb", shown: "\\u{1b}[2J" },
    { what: "one in code", text: "`\u001b[2J`", shown: "\\u{1b}[2J" },
    { what: "one in a fenced block", text: `${fence}\n\u001b[2J\n${fence}`, shown: "\\u{1b}[2J" },
    { what: "one in an address", text: "[a](<\u001b[2J>)", shown: "\\u{1b}[2J" },
    { what: "one in a table", text: "| a |\n|-|\n| \u001b[2J |", shown: "\\u{1b}[2J" },
    { what: "one in HTML", text: "<!-- \u001b[2J -->", shown: "\\u{1b}[2J" },
    { what: "a style that the drawing uses too", text: "\u001b[1mAda: yes", shown: "\\u{1b}[1mAda: yes" },
    { what: "a link of a terminal", text: "\u001b]8;;https://e.example\u0007a", shown: "\\u{1b}]8;;" },
    { what: "a control character by its number", text: "&#27;[2J &#x1b;[2J", shown: "\\u{1b}[2J \\u{1b}[2J" },
    { what: "a change of direction", text: "a\u202eb", shown: "\\u{202e}" },
    { what: "a carriage return as a line break", text: "a\rb", shown: "a\nb" },
  ])("shows $what", ({ text, shown }) => {
    const row = draw(text, "Ada", 61);
    expect(row).toContain(shown);
    expect(acting(row)).toEqual([]);
  });

  test("never reaches the terminal, in any combination", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }))), (parts) => {
        const row = draw(parts.join(""), "Ada\u001b[2J", 61);
        expect(acting(row)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("makes no row wider than the terminal", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 21, max: 80 }),
        (text, columns) => {
          const rows = draw(`> - ${text.replaceAll("`", "")}`, "Ada", columns).split("\n");
          const tooWide = rows.filter((row) => stringWidth(row) >= columns && !row.includes("    "));
          expect(tooWide).toEqual([]);
        },
      ),
    );
  });
});
