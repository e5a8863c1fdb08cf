import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Copilot CLI: "Yes" would hold for one session only, so that it remembers is the answer. */
export const copilot: Strategy = storeStrategy(
  async () => (await import("../stores/copilot-store.ts")).copilotStore,
);
