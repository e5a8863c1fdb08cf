import { expect, test } from "vitest";
import { renderConflicts } from "./render-import.ts";

const conflicts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `users id ${index + 1}`);

test.each([
  { count: 0, lines: 0, last: undefined },
  { count: 1, lines: 2, last: "  users id 1" },
  { count: 10, lines: 11, last: "  users id 10" },
  { count: 11, lines: 12, last: "  and 1 more: --json lists all" },
])("for $count conflicts the last line is: $last", ({ count, lines, last }) => {
  const text = renderConflicts(conflicts(count));
  const shown = text === "" ? [] : text.trimEnd().split("\n");
  expect(shown).toHaveLength(lines);
  expect(shown.at(-1)).toBe(last);
});

test("a line end in a conflict's name is escaped", () =>
  expect(renderConflicts(["users id a\nfix: rm -rf"])).toBe(
    "Existing items:\n  users id a\\u{a}fix: rm -rf\n",
  ));
