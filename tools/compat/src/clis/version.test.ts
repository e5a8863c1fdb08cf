import { describe, expect, test } from "vitest";
import { compareVersions, forVersion, type ByVersion } from "./version.ts";

describe("compareVersions", () => {
  test.each([
    { a: "2.1.9", b: "2.1.10", sign: -1 },
    { a: "2.0.99", b: "2.1.0", sign: -1 },
    { a: "2.1.328", b: "2.1.328", sign: 0 },
    { a: "10.0.0", b: "9.9.9", sign: 1 },
  ])("$a against $b: $sign", ({ a, b, sign }) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});

describe("forVersion", () => {
  const table: ByVersion<string> = [
    { upTo: "1.0.0", is: "old" },
    { upTo: "2.0.0", is: "middle" },
    { is: "new" },
  ];
  test.each([
    { version: "0.9.9", is: "old" },
    { version: "1.0.0", is: "old" },
    { version: "1.0.1", is: "middle" },
    { version: "2.0.1", is: "new" },
  ])("$version takes the row that is $is", ({ version, is }) => {
    expect(forVersion(table, version)).toBe(is);
  });
});
