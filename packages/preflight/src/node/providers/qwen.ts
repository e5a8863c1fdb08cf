import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Qwen Code: asks only if the user has enabled trust dialogs. */
export const qwen: Strategy = storeStrategy(async () => (await import("../stores/qwen-store.ts")).qwenStore);
