import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import type { Bound, Figure } from "./measurement.ts";

const done = (value: number): Figure => ({ ok: true, value });
const undone: Figure = { ok: false, error: "trust was lost" };

const compared = (bound: Bound, pairs: readonly (readonly [floor: Figure, ours: Figure])[]) =>
  compare(
    { floor: "floor", bounds: { ours: bound } },
    ["floor", "ours"],
    pairs.map(
      ([floor, ours]) =>
        new Map([
          ["floor", floor],
          ["ours", ours],
        ]),
    ),
  );

describe("compare", () => {
  test("computes each ratio within its own round, so that a slow period has no effect", () => {
    const [floor, ours] = compared({ atMost: 1.15 }, [
      [done(100), done(110)],
      [done(900), done(990)],
    ]);
    expect(floor).toMatchObject({ ratio: null, holds: null, absolute: { min: 100, max: 900 } });
    expect(ours?.ratio?.median).toBeCloseTo(1.1);
    expect(ours?.holds).toBe(true);
  });

  test.each<{ title: string; bound: Bound; ours: number; holds: boolean }>([
    { title: "on an upper bound", bound: { atMost: 1.5 }, ours: 15, holds: true },
    { title: "above an upper bound", bound: { atMost: 1.5 }, ours: 15.1, holds: false },
    { title: "on a lower bound", bound: { atLeast: 0.75 }, ours: 7.5, holds: true },
    { title: "below a lower bound", bound: { atLeast: 0.75 }, ours: 7.4, holds: false },
    { title: "on a bound of its own figure", bound: { figureAtMost: 5 }, ours: 5, holds: true },
    { title: "above a bound of its own figure", bound: { figureAtMost: 5 }, ours: 5.1, holds: false },
  ])("judges a median $title", ({ bound, ours, holds }) => {
    expect(compared(bound, [[done(10), done(ours)]])[1]?.holds).toBe(holds);
  });

  test("misses the bound if one round's work was not completed, for any speed of the others", () => {
    const [, ours] = compared({ atMost: 1.15 }, [
      [done(100), done(50)],
      [done(100), undone],
    ]);
    expect(ours).toMatchObject({ holds: false, figures: [50, null], undone: ["trust was lost"] });
  });

  test("misses the bound if the floor has no figure", () => {
    expect(compared({ atMost: 1.15 }, [[undone, done(50)]])[1]).toMatchObject({ ratio: null, holds: false });
  });
});
