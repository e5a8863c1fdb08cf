import { expect, test } from "vitest";
import { timeOrderedId } from "./time-ordered-id.ts";

test("timeOrderedId returns the prefix and a UUID of version 7 that starts with the time", () => {
  const before = Date.now();
  const id = timeOrderedId("ag");
  expect(id).toMatch(/^ag-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(id.slice(3, 16).replace("-", ""), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test("timeOrderedId never returns an id twice", () =>
  expect(new Set(Array.from({ length: 10_000 }, () => timeOrderedId("x"))).size).toBe(10_000));
