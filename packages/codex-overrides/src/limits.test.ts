import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { limits, tooLong } from "./limits.ts";

describe.runIf(process.platform === "linux")("the longest argument (only Linux has this limit)", () => {
  const start = (bytes: number) => spawnSync("true", ["x".repeat(bytes)]);

  test("is accepted by Linux", () => expect(start(limits.argumentBytes).error).toBeUndefined());
  test("is refused with one more byte", () => {
    expect(start(limits.argumentBytes + 1).error).toMatchObject({ code: "E2BIG" });
  });
});

test("the bytes of an argument are limited, not its letters", () => {
  const letters = "ö".repeat(limits.argumentBytes / 2);
  expect(tooLong(letters)).toBe(null);
  expect(tooLong(`${letters}öö`)).toEqual({ code: "argument-too-long", size: 131_074, limit: 131_071 });
});
