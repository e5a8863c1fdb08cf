import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "./strategy.ts";

/**
 * Qwen Code: it asks only where the user has switched that on. 0.15.10 reads all folders that are trusted when it starts,
 * and writes them all back with the new one: of 6 started at once 2 lost theirs three times over. 0.24.4 lost none.
 */
export const qwen: Strategy = {
  ...recordedStrategy(async () => (await import("./qwen-record.ts")).qwenRecord),
  oneAtATime: true,
};
