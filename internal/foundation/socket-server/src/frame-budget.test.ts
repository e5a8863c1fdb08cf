import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameBudget } from "./frame-budget.ts";

describe("a frame budget of 10 bytes, and 2 for each connection", () => {
  test.for([
    { what: "a connection's own bytes, with nothing left", first: 12, second: 2, fits: true },
    { what: "one byte more, with nothing left", first: 12, second: 3, fits: false },
    { what: "the last shared byte", first: 11, second: 3, fits: true },
    { what: "more than all bytes for one connection", first: 0, second: 13, fits: false },
    { what: "all bytes for one connection", first: 0, second: 12, fits: true },
  ])("has room for $what: $fits", ({ first, second, fits }) => {
    const budget = frameBudget(10, 2);
    expect(budget.share().hold(first)).toBe(true);
    expect(budget.share().hold(second)).toBe(fits);
  });

  test("frees bytes that a connection no longer holds", () => {
    const budget = frameBudget(10, 2);
    const [one, other] = [budget.share(), budget.share()];
    expect([one.hold(12), other.hold(12), one.hold(0), other.hold(12), one.hold(3)]).toEqual([
      ...[true, false, true, true, false],
    ]);
  });

  test("never grants more than the sum, for any requests", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(20)), { maxLength: 50 }), (steps) => {
        const budget = frameBudget(10, 2);
        const shares = Array.from({ length: 4 }, () => budget.share());
        const held = [0, 0, 0, 0];
        for (const [index, bytes] of steps) if (shares[index]!.hold(bytes)) held[index] = bytes;
        const shared = held.reduce((sum, bytes) => sum + Math.max(0, bytes - 2), 0);
        expect(shared).toBeLessThanOrEqual(10);
      }),
    );
  });
});
