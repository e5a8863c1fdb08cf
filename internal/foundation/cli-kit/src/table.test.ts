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
