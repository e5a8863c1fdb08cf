import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Qwen Code: it asks only where the user has switched that on. */
export const qwen: Strategy = recordedStrategy(
  async () => (await import("../stores/qwen-record.ts")).qwenRecord,
);
