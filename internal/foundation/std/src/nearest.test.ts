import { expect, test } from "vitest";
import { edits } from "./nearest.ts";

test.each([
  { word: "status", isAway: true, how: "the word itself" },
  { word: "staus", isAway: true, how: "a letter too few" },
  { word: "statuss", isAway: true, how: "a letter too many" },
  { word: "ststus", isAway: true, how: "a wrong letter" },
  { word: "sattus", isAway: true, how: "two neighbours swapped" },
  { word: "tatus", isAway: true, how: "the first letter missing" },
  { word: "stas", isAway: false, how: "two letters too few" },
  { word: "statusbar", isAway: false, how: "a longer word that begins so" },
  { word: "site", isAway: false, how: "another word" },
  { word: "", isAway: false, how: "nothing" },
])("$word is near to status: $isAway ($how)", ({ word, isAway }) => {
  expect(edits(word, "status") <= 1).toBe(isAway);
});
