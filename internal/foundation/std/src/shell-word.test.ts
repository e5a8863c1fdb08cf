import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test.for([
  { text: "/home/ada/a-b_c.d", word: "/home/ada/a-b_c.d" },
  { text: "a b", word: "'a b'" },
  { text: "it's", word: "'it'\\''s'" },
  { text: "", word: "''" },
  { text: "$HOME", word: "'$HOME'" },
  { text: "a\nb", word: "'a\nb'" },
])("$text is $word", ({ text, word }) => expect(shellWord(text)).toBe(word));
