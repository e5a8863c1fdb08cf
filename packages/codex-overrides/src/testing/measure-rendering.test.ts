import { expect, test } from "vitest";
import { measureRendering } from "./measure-rendering.ts";

test("a measurement renders what it says and counts both halves", () => {
  let now = 0;
  const ticks = () => (now += 5);
  const times = measureRendering(ticks, 10);
  expect(times).toMatchObject({ renderMs: 5, parseMs: 5 });
  expect(times.bytes).toBeGreaterThan(10 * 50);
});

// The bound of the package. The quickest run of each half counts: what other programs take from the machine only adds.
test("rendering 1,000 folders costs at most twice what parsing the result costs", { tags: ["slow"] }, () => {
  const runs = Array.from({ length: 300 }, () => measureRendering(() => performance.now()));
  const renderMs = Math.min(...runs.map((run) => run.renderMs));
  const parseMs = Math.min(...runs.map((run) => run.parseMs));
  expect(renderMs / parseMs).toBeLessThan(2);
});
