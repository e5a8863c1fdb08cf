import { setTimeout as after } from "node:timers/promises";

/** Interval between two checks of a condition, in milliseconds. */
const checkMs = 2;

/** True as soon as the condition holds; false if it does not hold within the limit (milliseconds). */
export const until = async (condition: () => boolean, withinMs: number): Promise<boolean> => {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await after(checkMs);
  }
  return true;
};
