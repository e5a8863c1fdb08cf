import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "./canonical-text.ts";

describe("canonicalText", () => {
  test("does not depend on the order of names, at any depth", () => {
    const one = canonicalText("groups update", { id: "ag-1", env: { a: [{ x: 1, y: 2 }], b: 2 } });
    const two = canonicalText("groups update", { env: { b: 2, a: [{ y: 2, x: 1 }] }, id: "ag-1" });
    expect(one).toBe(two);
  });

  test.each([
    { what: "the words", words: "groups updat", args: { a: "1" } },
    { what: "a value", words: "groups update", args: { a: "2" } },
    { what: "the type of a value", words: "groups update", args: { a: 1 } },
    { what: "a name", words: "groups update", args: { b: "1" } },
    { what: "an additional name", words: "groups update", args: { a: "1", b: "" } },
    { what: "a list in place of text", words: "groups update", args: { a: ["1"] } },
    { what: "quotes that look like the end", words: "groups update", args: { a: '1","b":"2' } },
  ])("returns another text if commands differ in $what", ({ words, args }) => {
    expect(canonicalText(words, args)).not.toBe(canonicalText("groups update", { a: "1" }));
  });

  test("contains its whole input as JSON", () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (words, args) => {
        expect(JSON.parse(canonicalText(words, args))).toEqual(JSON.parse(JSON.stringify([words, args])));
      }),
    );
  });
});
