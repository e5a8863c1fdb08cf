import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Copilot CLI: "Yes" holds for one session only, so the answer is the option that remembers. */
export const copilot: Strategy = storeStrategy(
  async () => (await import("../stores/copilot-store.ts")).copilotStore,
);
