import { getMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { interruptible } from "./interruptible.ts";

test("what runs at once may listen for the end of the process, however many it is, without a warning", () => {
  expect(getMaxListeners(interruptible([]).signal)).toBe(0);
});
