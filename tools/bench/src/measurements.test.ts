import { describe, expect, test } from "vitest";
import { measurements } from "./measurements.ts";

describe("measurements", () => {
  test("have names of their own, by which --only finds them", () => {
    const names = measurements.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
