import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Kimi Code: asks once for each folder. */
export const kimi: Strategy = storeStrategy(async () => (await import("../stores/kimi-store.ts")).kimiStore);
