import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutComments } from "./json-comments.ts";

describe("withoutComments", () => {
  const rows = [
    { what: "a line", text: '{ // "x": 1\n "a": 1 }', value: { a: 1 } },
    { what: "a block over lines", text: '{ /* "x"\n */ "a": 1 }', value: { a: 1 } },
    { what: "none in a string", text: '{ "//": "/* a */" }', value: { "//": "/* a */" } },
    { what: "none behind an escaped quote", text: '{ "a\\"//b": 1 }', value: { 'a"//b': 1 } },
  ];
  test.each(rows)("$what", ({ text, value }) => {
    expect(JSON.parse(withoutComments(text))).toEqual(value);
  });

  const hostile = [
    { what: "comments that are never closed", piece: "/* " },
    { what: "strings that are never closed", piece: '\\"' },
    { what: "strings full of escapes", piece: '"\\' },
  ];
  test.each(hostile)("reads a megabyte of $what quickly", ({ piece }) => {
    withoutComments(`"${piece.repeat(1_000_000 / piece.length)}`);
    withoutComments(piece.repeat(1_000_000 / piece.length));
  });

  test("does not change JSON without comments", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(withoutComments(text)).toBe(text);
      }),
    );
  });
});
