import { describe, expect, test } from "vitest";
import { durationOf } from "./duration.ts";

const minute = 60_000;

describe("a typed duration", () => {
  test.each([
    ["30s", minute / 2],
    ["90m", 90 * minute],
    ["5 minutes", 5 * minute],
    ["24H", 1440 * minute],
    ["1 hour", 60 * minute],
    ["2hr", 120 * minute],
    ["7d", 7 * 1440 * minute],
    ["2 weeks", 14 * 1440 * minute],
    ["0s", 0],
  ])("%s is %d ms", (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  test.each(["", "5", "m", "-5m", "1.5h", "5 M", "1h30m", "5m ", "1234567d", "5months", "5constr"])(
    "%j is refused",
    (text) => {
      expect(durationOf(text)).toBeNull();
    },
  );
});
