import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxScreenBytes, screenText } from "./screen-text.ts";

const as = (text: string): string => text;
const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe("screenText", () => {
  test("removes trailing blanks and blank rows at both ends, and keeps blank rows between", () => {
    expect(screenText(["", "  title   ", "", "❯ No, exit ", "", ""], as)).toBe("  title\n\n❯ No, exit");
  });

  test("redacts before it cuts, so no half of a secret is left", () => {
    const hide = (text: string): string => text.replaceAll("secret", "******");
    expect(screenText(["a secret"], hide)).toBe("a ******");
  });

  test("keeps the end of a screen that is too long", () => {
    const rows = Array.from({ length: 400 }, (_, row) => `${row} ${"─".repeat(40)}`);
    const text = screenText(rows, as);
    expect(text.endsWith(rows[399] ?? "")).toBe(true);
    expect(bytes(text)).toBeLessThanOrEqual(maxScreenBytes);
    expect(bytes(text)).toBeGreaterThan(maxScreenBytes - 200);
  });

  test("never exceeds the limit", () => {
    const row = fc.string({ unit: "binary", maxLength: 1500 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        expect(bytes(screenText(rows, as))).toBeLessThanOrEqual(maxScreenBytes);
      }),
      { numRuns: 30 },
    );
  });
});
