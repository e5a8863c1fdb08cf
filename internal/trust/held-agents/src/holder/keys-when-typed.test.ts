import { expect, test } from "vitest";
import { isKeysWhenTyped } from "./keys-when-typed.ts";

test.for([
  { prompt: "one\ttwo", is: true },
  { prompt: "one\ntwo", is: true },
  { prompt: "? what is it", is: true },
  { prompt: " @a", is: true },
  { prompt: "what is it?", is: false },
])("$prompt contains keys when typed: $is", ({ prompt, is }) => {
  expect(isKeysWhenTyped(prompt)).toBe(is);
});
