import { describe, expect, test } from "vitest";
import { median, quantileOf, spreadOf } from "./statistics.ts";

describe("median", () => {
  test.each([
    { title: "the middle of an odd count", values: [9, 1, 5], is: 5 },
    { title: "the mean of the two middle ones of an even count", values: [100, 1, 3, 2], is: 2.5 },
    { title: "the only one", values: [7], is: 7 },
  ])("is $title", ({ values, is }) => expect(median(values)).toBe(is));
});

describe("spreadOf", () => {
  test("is null without values", () => expect(spreadOf([])).toBeNull());
});

describe("quantileOf", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  test.each([
    { part: 0.5, is: 101 },
    { part: 0.99, is: 199 },
    { part: 1, is: 200 },
  ])("$part of 1 to 200 is $is", ({ part, is }) => expect(quantileOf(values, part)).toBe(is));
});
