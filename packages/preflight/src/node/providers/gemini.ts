import { geminiLaunch } from "../../providers/gemini-trust.ts";
import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Gemini CLI: each launch can carry trust for its folder, without starting or writing anything; `persist` makes it ask. */
export const gemini: Strategy = storeStrategy(
  async () => (await import("../stores/gemini-store.ts")).geminiStore,
  (key, { cli }) => ({ code: "passed-at-launch", key, launch: geminiLaunch(cli?.version ?? null) }),
  async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
);
