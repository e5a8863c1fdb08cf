import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Kimi Code: it asks once for each folder. */
export const kimi: Strategy = recordedStrategy(
  async () => (await import("../stores/kimi-record.ts")).kimiRecord,
);
