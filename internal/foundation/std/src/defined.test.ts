import { expect, test } from "vitest";
import { defined } from "./defined.ts";

test("defined leaves out the fields that are undefined, and keeps all other values", () => {
  const fields = { a: undefined, b: null, c: 0, d: "" };
  expect(Object.entries(defined(fields))).toEqual(Object.entries({ b: null, c: 0, d: "" }));
});
