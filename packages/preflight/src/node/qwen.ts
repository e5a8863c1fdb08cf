import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "./strategy.ts";

/** Qwen Code: it asks only where the user has switched that on. */
export const qwen: Strategy = recordedStrategy(async () => (await import("./qwen-record.ts")).qwenRecord);
