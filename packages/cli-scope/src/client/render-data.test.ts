import fc from "fast-check";
import { describe, expect, test } from "vitest";
import displayWidth from "string-width";
import { renderData as render, type View } from "./render-data.ts";

const renderData = (data: unknown, view: View): string => render(data, view, displayWidth);

const wide = { columns: null, isColoured: false };
const narrow = (columns: number) => ({ columns, isColoured: false });
const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;

test("renderData shows 200,000 rows as one table", () => {
  const rows = Array.from({ length: 200_000 }, () => ({ id: "x" }));
  expect(renderData(rows, { columns: null, isColoured: false }).split("\n")).toHaveLength(200_002);
});

describe("renderData", () => {
  test.for([
    { what: "null", data: null, shown: "done\n" },
    { what: "an empty list", data: [], shown: "none\n" },
    { what: "a word", data: "yes", shown: "yes\n" },
    { what: "a list of words", data: ["a", 1, ""], shown: 'a\n1\n""\n' },
    { what: "one object", data: { id: "ag-1", a_name: null }, shown: lines("id      ag-1", "a_name  -") },
    { what: "a nested object", data: { a: { b: [1] } }, shown: lines('a  {"b":[1]}') },
    {
      what: "rows",
      data: [
        { id: "ag-1", name: "Ada" },
        { id: "ag-22", name: "" },
      ],
      shown: lines("id     name", "ag-1   Ada", 'ag-22  ""'),
    },
    {
      what: "rows with different fields",
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

  test("does not shorten a long text in a pipe, and limits the padding of the other rows", () => {
    const rows = [
      { name: "x".repeat(300), n: 1 },
      { name: "Ada", n: 2 },
    ];
    const [head, long, short] = renderData(rows, wide).split("\n");
    expect(head).toBe(`${"name".padEnd(200)}  n`);
    expect(long).toBe(`${"x".repeat(300)}  1`);
    expect(short).toBe(`${"Ada".padEnd(200)}  2`);
  });

  test("shows 10,000 rows in a pipe, even if one has a text of 60,000 characters", () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => ({
      name: n === 7 ? "x".repeat(60_000) : "Ada",
      n,
    }));
    expect(renderData(rows, wide).split("\n")).toHaveLength(10_002);
  });

  test("shortens text to the terminal's width, but never an id", () => {
    const data = [{ id: "ag-0123456789", agent_group_id: "ag-9876543210", name: "a long name that goes on" }];
    expect(renderData(data, narrow(41))).toBe(
      lines("id             agent_group_id  name", "ag-0123456789  ag-9876543210   a long na…"),
    );
  });

  test("shows one field per line if a table does not fit", () => {
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

  test("draws only the header faint", () => {
    expect(renderData([{ id: 1 }], { columns: 80, isColoured: true })).toBe("\u001b[2mid\u001b[22m\n1\n");
  });

  test("keeps a table within the terminal's width, and each row on one line", () => {
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
