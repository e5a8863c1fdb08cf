import { expect, test } from "vitest";
import { rowsMeant } from "./row-meant.ts";

const rows = [
  { id: "ag-0aa1", names: ["Ana", "ana"] },
  { id: "ag-0aa2", names: ["Ops", "night"] },
  { id: "ag-0b", names: ["Night", "ops2"] },
  { id: "ag-0bb", names: ["twin", "twin-1"] },
  { id: "ag-1", names: ["twin", "twin-2"] },
  { id: "ag-2", names: ["crossed", "day"] },
  { id: "ag-3", names: ["Sun", "crossed"] },
  { id: "ag-4", names: ["ag-3", "ag-0aa"] },
];

test.each([
  { what: "an id", text: "ag-1", means: ["ag-1"] },
  { what: "an id that another id begins with", text: "ag-0b", means: ["ag-0b"] },
  { what: "an id that is the name of another row", text: "ag-3", means: ["ag-3"] },
  { what: "a display name", text: "Ops", means: ["ag-0aa2"] },
  { what: "a folder", text: "ops2", means: ["ag-0b"] },
  { what: "a display name that differs from its folder by case", text: "Ana", means: ["ag-0aa1"] },
  { what: "a name in another case", text: "SUN", means: ["ag-3"] },
  { what: "a folder that is a name in another case", text: "night", means: ["ag-0aa2", "ag-0b"] },
  { what: "a name that two rows have", text: "twin", means: ["ag-0bb", "ag-1"] },
  { what: "the name of one and the folder of another", text: "crossed", means: ["ag-2", "ag-3"] },
  { what: "a unique beginning of an id", text: "ag-0bb", means: ["ag-0bb"] },
  { what: "a beginning of exactly one id", text: "ag-0aa2", means: ["ag-0aa2"] },
  { what: "a beginning of two ids", text: "ag-0aa", means: ["ag-0aa1", "ag-0aa2"] },
  { what: "the prefix of every id", text: "ag-", means: [] },
  { what: "the beginning of a name", text: "An", means: [] },
  { what: "the middle of an id", text: "0aa1", means: [] },
  { what: "an empty text", text: "", means: [] },
])("rowsMeant returns $means for $what", ({ text, means }) =>
  expect(rowsMeant(rows, text, "ag").map(({ id }) => id)).toEqual(means),
);

test("rowsMeant does not match the beginning of an id that a person chose", () =>
  expect(rowsMeant([{ id: "local:bob", names: [] }], "local:bo")).toEqual([]));
