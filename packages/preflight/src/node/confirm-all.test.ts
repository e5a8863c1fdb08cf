import { expect, test } from "vitest";
import { forEachLimited } from "./confirm-all.ts";

test("forEachLimited runs every item once, in order, and never more at once than the limit", async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await forEachLimited([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    done.push(item);
  });
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  await forEachLimited([], 2, () => Promise.reject(new Error("there is nothing to do")));
});
