import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "./strategy.ts";

/** Kimi Code: it asks once for each folder. */
export const kimi: Strategy = recordedStrategy(async () => (await import("./kimi-record.ts")).kimiRecord);
