import { expect, test } from "vitest";
import { measureRendering } from "./measure-rendering.ts";

test("a measurement renders what it says and counts both halves", () => {
  let now = 0;
  const ticks = () => (now += 5);
  const times = measureRendering(ticks, 10);
  expect(times).toMatchObject({ renderMs: 5, parseMs: 5 });
  expect(times.bytes).toBeGreaterThan(10 * 50);
});
