import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Copilot CLI: "Yes" would hold for one session only, so that it remembers is the answer. */
export const copilot: Strategy = recordedStrategy(
  async () => (await import("../stores/copilot-record.ts")).copilotRecord,
);
