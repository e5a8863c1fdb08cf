import { describe, expect, test } from "vitest";
import { measurements } from "./measurements.ts";

describe("measurements", () => {
  test("have different names, since --only finds them by name", () => {
    const names = measurements.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
