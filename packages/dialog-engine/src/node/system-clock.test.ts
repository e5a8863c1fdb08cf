import { describe, expect, test } from "vitest";
import { systemClock } from "./system-clock.ts";

describe("systemClock", () => {
  test.each([2 ** 31, Number.POSITIVE_INFINITY])(
    "does not run a timer for %s ms at once",
    async (milliseconds) => {
      const order: string[] = [];
      const stop = systemClock.after(milliseconds, () => order.push("late"));
      await new Promise<void>((resolve) => {
        systemClock.after(20, () => {
          order.push("soon");
          resolve();
        });
      });
      stop();
      expect(order).toEqual(["soon"]);
    },
  );
});
