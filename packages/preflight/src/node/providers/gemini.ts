import { geminiLaunch } from "../../providers/gemini-trust.ts";
import { storeStrategy } from "./store-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Gemini CLI: each launch can be told to trust its folder, and nothing is started or written; with `persist` it is asked. */
export const gemini: Strategy = storeStrategy(
  async () => (await import("../stores/gemini-store.ts")).geminiStore,
  (key, { cli }) => ({ code: "passed-at-launch", key, launch: geminiLaunch(cli?.version ?? null) }),
  async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
);
