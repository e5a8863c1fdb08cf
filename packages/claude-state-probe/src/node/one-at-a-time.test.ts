import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

/** A run that ends when the test calls `end`. */
const controlled = () => {
  const ends: (() => void)[] = [];
  const start = oneAtATime(() => new Promise((resolve) => ends.push(resolve)));
  const end = async () => {
    ends.at(-1)?.();
    await turn();
  };
  return { start, runs: () => ends.length, end };
};

test("runs immediately, and again if called after the end", async () => {
  const { start, runs, end } = controlled();
  start();
  expect(runs()).toBe(1);
  await end();
  expect(runs()).toBe(1);
  start();
  expect(runs()).toBe(2);
});

test("runs once more for all calls during a run", async () => {
  const { start, runs, end } = controlled();
  start();
  start();
  start();
  expect(runs()).toBe(1);
  await end();
  expect(runs()).toBe(2);
  await end();
  expect(runs()).toBe(2);
});
