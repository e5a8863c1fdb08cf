import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { whenFree } from "./in-transaction.ts";

/** Held by another process for so many tries. */
const held = (tries: number): (() => string) => {
  let left = tries;
  return () => {
    if (left === 0) return "done";
    left -= 1;
    throw Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
  };
};

describe("a file that another process holds", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("for the end of its commit is had without a timer", async () =>
    expect(await whenFree(held(3), 1_000)).toBe("done"));

  test("at the deadline is given up with SQLite's error", async () =>
    await expect(whenFree(held(3), 0)).rejects.toThrow("locked"));
});
