import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineSplitter } from "./line-splitter.ts";

const texts = (lines: readonly Buffer[]): string[] => lines.map((line) => line.toString("utf8"));

describe("a line splitter", () => {
  test.for([
    { what: "a whole line", chunks: ["ab\n"], lines: ["ab"], rest: "" },
    { what: "half a line", chunks: ["ab"], lines: [], rest: "ab" },
    { what: "a line in pieces", chunks: ["a", "b", "\n"], lines: ["ab"], rest: "" },
    { what: "several lines and a piece", chunks: ["a\nb\nc"], lines: ["a", "b"], rest: "c" },
    { what: "empty lines", chunks: ["\n", "\na\n"], lines: ["", "", "a"], rest: "" },
  ])("reads $what", ({ chunks, lines, rest }) => {
    const splitter = createLineSplitter(4);
    const read = chunks.flatMap((chunk) => texts(splitter.push(Buffer.from(chunk)).lines));
    expect({ read, rest: splitter.rest().toString() }).toEqual({ read: lines, rest });
  });

  test.for([
    { what: "a line of the limit", chunks: ["abcd", "\n"], tooLong: false },
    { what: "one byte more", chunks: ["abcd", "e"], tooLong: true },
    { what: "one byte more in one chunk", chunks: ["abcde\n"], tooLong: true },
    { what: "a long line after a short one", chunks: ["a\nabcde"], tooLong: true },
    { what: "short lines that exceed the limit together", chunks: ["abc\nabc\n"], tooLong: false },
  ])("reports a line that is too long: $what", ({ chunks, tooLong }) => {
    const splitter = createLineSplitter(4);
    expect(chunks.some((chunk) => splitter.push(Buffer.from(chunk)).tooLong)).toBe(tooLong);
  });

  test("reads the same lines for any split of the bytes", () => {
    const line = fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(30)), (given, cuts) => {
        let left = Buffer.concat(given.flatMap((bytes) => [bytes, Buffer.from("\n")]));
        const splitter = createLineSplitter(20);
        const read: Buffer[] = [];
        for (const cut of [...cuts, left.length]) {
          read.push(...splitter.push(left.subarray(0, cut)).lines);
          left = left.subarray(cut);
        }
        expect(read.map((bytes) => bytes.toString("hex"))).toEqual(
          given.map((bytes) => bytes.toString("hex")),
        );
        expect(splitter.rest()).toHaveLength(0);
      }),
    );
  });
});
