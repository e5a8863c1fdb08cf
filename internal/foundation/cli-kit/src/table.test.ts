import { describe, expect, test } from "vitest";
import { renderRows, renderTable } from "./table.ts";

describe("a table", () => {
  test("aligns texts left and numbers right, with no blanks at the end of a line", () =>
    expect(
      renderRows(
        ["WHO", "WHERE", "COUNT", ""],
        [
          ["ana", "b", "1,000", ""],
          ["bo", "", "7", "EUR"],
        ],
        2,
      ),
    ).toBe("WHO  WHERE  COUNT\nana  b      1,000\nbo              7  EUR\n"));

  test("indents the lines below a row", () =>
    expect(renderTable(["A", "B"], [{ cells: ["one", "x"], below: ["asks: why?"] }])).toBe(
      "A    B\none  x\n  asks: why?\n",
    ));

  test("escapes control characters before it measures a cell", () =>
    expect(renderRows(["A", "B"], [["\u001b[2J", "x"]])).toBe("A          B\n\\u{1b}[2J  x\n"));
});

describe("a table at a terminal", () => {
  const id = "ag-01a21d17-9443-7abc-8def-0123456789ab";
  const model = "claude-sonnet-4-5-20250929";
  const rows = (name: string) =>
    renderRows(["GROUP", "MODEL", "INPUT"], [[name, model, "1,234,567"]], 2, {
      isTTY: true,
      columns: 40,
    });

  test.each([
    { what: "an id", name: id },
    { what: "a long name", name: "Research and development" },
    { what: "a short name", name: "home" },
  ])("fits the width with $what, and keeps numbers whole", ({ name }) => {
    const lines = rows(name).trimEnd().split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
    expect(lines[1]).toMatch(/ {2}1,234,567$/);
  });

  test("cuts no cell if the whole table fits", () =>
    expect(renderRows(["A", "B"], [[model, "1"]], 1, { isTTY: true, columns: 80 })).toContain(model));

  test("keeps every cell whole in a pipe", () =>
    expect(renderRows(["A", "B"], [[id, model]], 2, { columns: 10 })).toContain(`${id}  ${model}`));
});
