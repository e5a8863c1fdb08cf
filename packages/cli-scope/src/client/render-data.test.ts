import fc from "fast-check";
import { describe, expect, test } from "vitest";
import displayWidth from "string-width";
import { renderData as render, type View } from "./render-data.ts";

const renderData = (data: unknown, view: View): string => render(data, view, displayWidth);

const wide = { columns: null, isColoured: false };
const narrow = (columns: number) => ({ columns, isColoured: false });
const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;

test("as many rows as there are make one table", () => {
  const rows = Array.from({ length: 200_000 }, () => ({ id: "x" }));
  expect(renderData(rows, { columns: null, isColoured: false }).split("\n")).toHaveLength(200_002);
});

describe("renderData", () => {
  test.for([
    { what: "nothing", data: null, shown: "done\n" },
    { what: "an empty list", data: [], shown: "none\n" },
    { what: "a word", data: "yes", shown: "yes\n" },
    { what: "a list of words", data: ["a", 1, ""], shown: 'a\n1\n""\n' },
    { what: "one thing", data: { id: "ag-1", a_name: null }, shown: lines("id      ag-1", "a_name  -") },
    { what: "what is nested", data: { a: { b: [1] } }, shown: lines('a  {"b":[1]}') },
    {
      what: "rows",
      data: [
        { id: "ag-1", name: "Ada" },
        { id: "ag-22", name: "" },
      ],
      shown: lines("id     name", "ag-1   Ada", 'ag-22  ""'),
    },
    {
      what: "rows with other fields each",
      data: [{ a: 1 }, { b: { c: true } }],
      shown: lines("a  b", "1  -", '-  {"c":true}'),
    },
    {
      what: "rows with wide characters",
      data: [
        { name: "目录", n: 1 },
        { name: "ab", n: 2 },
      ],
      shown: lines("name  n", "目录  1", "ab    2"),
    },
    {
      what: "control characters",
      data: [{ "a\u001b": "x\n\u001b[2Jy\u202ez" }],
      shown: lines("a\\u{1b}", "x\\u{a}\\u{1b}[2Jy\\u{202e}z"),
    },
  ])("shows $what", ({ data, shown }) => expect(renderData(data, wide)).toBe(shown));

  test("in a pipe a long text is whole, and is no reason to pad every other row as far", () => {
    const rows = [
      { name: "x".repeat(300), n: 1 },
      { name: "Ada", n: 2 },
    ];
    const [head, long, short] = renderData(rows, wide).split("\n");
    expect(head).toBe(`${"name".padEnd(200)}  n`);
    expect(long).toBe(`${"x".repeat(300)}  1`);
    expect(short).toBe(`${"Ada".padEnd(200)}  2`);
  });

  test("in a pipe 10,000 rows are shown, though one of them has a text of 60,000 characters", () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => ({
      name: n === 7 ? "x".repeat(60_000) : "Ada",
      n,
    }));
    expect(renderData(rows, wide).split("\n")).toHaveLength(10_002);
  });

  test("shortens text to the terminal's width, and never an id", () => {
    const data = [{ id: "ag-0123456789", agent_group_id: "ag-9876543210", name: "a long name that goes on" }];
    expect(renderData(data, narrow(41))).toBe(
      lines("id             agent_group_id  name", "ag-0123456789  ag-9876543210   a long na…"),
    );
  });

  test("shows rows one below the other where a table would lose too much", () => {
    const data = [
      { id: "ag-0123456789", name: "Ada", text: "a long text that goes on" },
      { id: "ag-2", name: "", text: "b" },
    ];
    expect(renderData(data, narrow(30))).toBe(
      lines(
        "id    ag-0123456789",
        "name  Ada",
        "text  a long text that goes on",
        "",
        "id    ag-2",
        'name  ""',
        "text  b",
      ),
    );
  });

  test("draws the header faint in colour, and nothing else", () => {
    expect(renderData([{ id: 1 }], { columns: 80, isColoured: true })).toBe("\u001b[2mid\u001b[22m\n1\n");
  });

  test("no table is wider than the terminal, and no value writes a line of its own", () => {
    const row = fc.record({
      id: fc.stringMatching(/^[a-z0-9]{1,12}$/),
      name: fc.string({ unit: "grapheme" }),
      text: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 40, max: 120 }), (rows, columns) => {
        const shown = renderData(rows, narrow(columns)).trimEnd().split("\n");
        expect(shown).toHaveLength(rows.length + 1);
        for (const line of shown) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
