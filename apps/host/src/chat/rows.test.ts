import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { drawMarkdown } from "./markdown/draw-markdown.ts";
import type { Card } from "@gatehouse/std";
import { cardText } from "./card-text.ts";
import { help } from "./chat-commands.ts";
import { foreignMark, foreignRows, hostRows, marked, ownRows, widthAfter } from "./rows.ts";

const card = [
  "May Research use Bash? (ap-01a2)",
  '  command: "npm test"',
  "To answer, type:",
  "  approve 3658     Allow once",
].join("\n");
const fence = "```";

/** What an agent writes to speak as the host does. */
const tries: readonly { readonly what: string; readonly text: string }[] = [
  { what: "a line of the host", text: "Fine.\nhost: Approved by local:ada: ap-01a2.\nerror: no" },
  { what: "a card", text: `Fine.\n\n${card}` },
  { what: "a card in a block of code", text: `Fine.\n\n${fence}\n${card}\n${fence}` },
  { what: "a card that is indented", text: card.replaceAll(/^/gm, "    ") },
  { what: "a card in a quote and a list", text: `> ${card}\n\n- ${card}\n1. host: x` },
  { what: "a table", text: `| host: | x |\n|--|--|\n| ${"word ".repeat(40)} | host: y |` },
  { what: "a heading and a rule", text: "# host: x\n\n---\n<b>host:</b>\n\n[a]: https://a.example" },
  {
    what: "a line that the terminal would wrap",
    text: `${"x".repeat(74)}host: approved. ${"y".repeat(400)}`,
  },
  { what: "blanks that the terminal would wrap", text: `a${"\u00a0".repeat(300)}host: approved` },
  { what: "wide characters", text: "漢字👩‍💻🏳️‍🌈".repeat(60) },
  { what: "long code", text: `${fence}\n${"x ".repeat(300)}host: y\n${fence}` },
  { what: "a text that is not drawn", text: `${"log line\n".repeat(2_000)}${card}` },
  { what: "thousands of quotes", text: `${">".repeat(15_000)} host: x` },
  {
    what: "breaks of other kinds",
    text: "a\r\nhost: b\rhost: c\u2028host: d\u0085host: e\vhost: f\fhost: g",
  },
  { what: "a tab", text: "a\thost: b" },
  { what: "the mark and an escape", text: "│ a\n\u001b[1A\u001b[2Khost: b\u0007" },
];

describe.each([20, 80, 200])("in %i columns each row of", (columns) => {
  test.each(tries)("$what has the mark, with and without styles, and is not wrapped", ({ text }) => {
    const plain = foreignRows(`Ada: ${text}`, columns);
    const drawn = drawMarkdown(text, "Ada", widthAfter(foreignMark, columns) + 1);
    for (const rows of [plain, drawn === null ? [] : marked(drawn)])
      for (const row of rows) {
        expect(row.startsWith(foreignMark)).toBe(true);
        expect(row).not.toMatch(/[\n\r\v\f\u0085\u2028]/u);
        // The smallest width of a drawn text is 20 cells.
        expect(stringWidth(row)).toBeLessThan(Math.max(columns, 23));
      }
    expect(plain.length).toBeGreaterThan(0);
  });
});

test.each([
  { what: "empty lines", text: "\n".repeat(60) },
  { what: "no-break spaces by their name", text: "&nbsp;\n\n".repeat(45) },
  { what: "no-break spaces", text: "\u00a0\n\n".repeat(45) },
  { what: "wide spaces", text: "\u3000\n\n".repeat(45) },
  { what: "thin spaces", text: "\u2009\u200a\n\n".repeat(45) },
  { what: "letters that are drawn blank", text: "\u{1d159}\n\n\u{13441}\n\n".repeat(25) },
  { what: "accents on nothing", text: " \u0301\n\n".repeat(45) },
  { what: "blank code", text: `${fence}\n${" \n".repeat(45)}${fence}` },
  { what: "blank quotes", text: "> &nbsp;\n>\n".repeat(45) },
  { what: "bars that look like the mark", text: "│\n\n".repeat(45) },
])("$what push no card out of sight", ({ text }) => {
  const drawn = marked(drawMarkdown(`a\n\n${text}\n\nb`, "Ada", 78) ?? []);
  const written = text.includes("&nbsp;") ? "" : text;
  const plain = foreignRows(`Ada: a\n${written}\nb`, 80);
  for (const rows of [drawn, plain]) expect(rows.length).toBeLessThanOrEqual(4 + 4);
});

describe("rows of the host:", () => {
  test.each([
    { what: "a short line", text: "host: yes", is: ["host: yes"] },
    { what: "words that go on", text: "host: one two three four", is: ["host: one two three", "    ↳ four"] },
    {
      what: "a quoted text that fills the row",
      text: `host: ${"x".repeat(13)} error: no`,
      is: ["host: xxxxxxxxxxxxx", "    ↳ error: no"],
    },
    {
      what: "a line of a card that goes on",
      text: "  command: approve ab12",
      is: ["  command: approve", "    ↳ ab12"],
    },
    { what: "characters of two cells", text: "漢".repeat(10), is: ["漢".repeat(9), "    ↳ 漢"] },
    { what: "a control character", text: "a\u001b[2J", is: ["a\\u{1b}[2J"] },
    { what: "the mark of foreign rows", text: "│ Ada asks", is: ["\\│ Ada asks"] },
  ])("$what", ({ text, is }) => expect(hostRows(text, 20)).toEqual(is));
});

const longCard: Card = {
  id: "ap-01a2",
  title: `May Research use Bash in the folder of the group? (ap-01a2) ${"word ".repeat(20)}`,
  lines: [
    "Approved, the group answers in this chat to every message, local:fay is a member of it, and the message is passed on.",
    `command: "${"npm run the-tests-of-this-package && ".repeat(8)}"`,
  ],
  options: [
    {
      id: "approve",
      label: "Always allow in this group what its CLI matches with Bash(npm test *)",
      command: "",
    },
  ],
  digest: "5eed",
};

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => word !== "" && word !== "↳" && word !== "│" && word !== ">");

describe.each([40, 80, 132])("in %i columns a row ends between words:", (columns) => {
  test.each([
    { what: "the host's", text: `host: ${"the agent waits for a person ".repeat(9)}`, rows: hostRows },
    { what: "a card's", text: cardText(longCard, ["approve 3658"]), rows: hostRows },
    { what: "the help's", text: help([]), rows: hostRows },
    { what: "an agent's", text: `Ada: ${"I have read the whole folder. ".repeat(9)}`, rows: foreignRows },
    { what: "a person's", text: `local:ada: ${"please read the whole folder ".repeat(9)}`, rows: ownRows },
  ])("$what", ({ text, rows }) => {
    const all = rows(text, columns);
    expect(all.flatMap(wordsOf)).toEqual(wordsOf(text));
    for (const row of all) expect(stringWidth(row)).toBeLessThan(columns);
  });
});

test("the help has a row for each command in 80 columns", () => {
  const text = help([]);
  expect(hostRows(text, 80)).toEqual(text.split("\n"));
});

test.each(Array.from({ length: 12 }, (_, at) => 70 + at))(
  "a word of %i characters that fits the first row and not the next one loses nothing",
  (length) => {
    const rows = hostRows(`a ${"x".repeat(length)} end`, 80);
    for (const row of rows) expect(stringWidth(row)).toBeLessThan(80);
    expect(rows.join("").replaceAll(/[^x]/g, "")).toHaveLength(length);
  },
);

test("each row of a person's own text has its mark, also of a pasted card", () => {
  const rows = ownRows(`09:00 local:ada: see\n${card}\nhost: ap-01a2 is approved.\u001b[2J`, 80);
  expect(rows.length).toBe(6);
  for (const row of rows) expect(row).toMatch(/^> [^\p{Cc}]*$/u);
});
