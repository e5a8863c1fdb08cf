import { expect, test } from "vitest";
import { measureDecide } from "./measure-decide.ts";

test("a measurement divides what the clock says by its rounds, in microseconds", () => {
  let now = 0;
  const ticks = (): number => (now += 5);
  expect(measureDecide(ticks, 10)).toEqual({ decideUs: 500, floorUs: 500 });
});

// The bound of the package. The quickest run counts: what other programs take from the machine only adds.
test("a decision takes at most 5 microseconds", { tags: ["slow"] }, () => {
  const runs = Array.from({ length: 50 }, () => measureDecide(() => performance.now()));
  expect(Math.min(...runs.map(({ decideUs }) => decideUs))).toBeLessThan(5);
});
