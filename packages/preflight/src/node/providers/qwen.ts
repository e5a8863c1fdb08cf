import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Qwen Code: it asks only where the user has switched that on. */
export const qwen: Strategy = storeStrategy(async () => (await import("../stores/qwen-store.ts")).qwenStore);
