import { describe, expect, test } from "vitest";
import { previewRows } from "./preview-rows.ts";

describe("the rows of a text that is still being written", () => {
  test.each([
    { what: "none for an empty text", text: "", is: [] },
    { what: "one for a short line", text: "Ada: hi", is: ["Ada: hi"] },
    { what: "cut before the last column", text: "abcdefghijklm", is: ["abcdefghij", "klm"] },
    { what: "the last ones of a long text", text: "1\n2\n3\n4\n5", is: ["3", "4", "5"] },
    { what: "half as long with characters of two cells", text: "漢字漢字漢字", is: ["漢字漢字漢", "字"] },
    { what: "without control characters", text: "a\u001b[2J", is: ["a\\u{1b}[2J"] },
  ])("are $what", ({ text, is }) => expect(previewRows(text, { columns: 10, rows: 3 })).toEqual(is));
});
