import { expect, test } from "vitest";
import { measureDecide } from "./measure-decide.ts";

test("measureDecide divides the measured time by its rounds, in microseconds", () => {
  let now = 0;
  const ticks = (): number => (now += 5);
  expect(measureDecide(ticks, 10)).toEqual({ decideUs: 500, floorUs: 500 });
});
