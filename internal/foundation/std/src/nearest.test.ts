import { expect, test } from "vitest";
import { edits } from "./nearest.ts";

test.each([
  { word: "status", isNear: true, how: "the word itself" },
  { word: "staus", isNear: true, how: "a letter too few" },
  { word: "statuss", isNear: true, how: "a letter too many" },
  { word: "ststus", isNear: true, how: "a wrong letter" },
  { word: "sattus", isNear: true, how: "two neighbours swapped" },
  { word: "tatus", isNear: true, how: "the first letter missing" },
  { word: "stas", isNear: false, how: "two letters too few" },
  { word: "statusbar", isNear: false, how: "a longer word that begins so" },
  { word: "site", isNear: false, how: "another word" },
  { word: "", isNear: false, how: "nothing" },
])("edits counts at most one edit from $word to status: $isNear ($how)", ({ word, isNear }) => {
  expect(edits(word, "status") <= 1).toBe(isNear);
});
