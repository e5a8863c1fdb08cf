import { geminiLaunch } from "../../providers/gemini-trust.ts";
import { recordedStrategy } from "./recorded-strategy.ts";
import type { Strategy } from "../plan/strategy.ts";

/** Gemini CLI: each launch can be told to trust its folder, and nothing is started or written; with `persist` it is asked. */
export const gemini: Strategy = recordedStrategy(
  async () => (await import("../stores/gemini-record.ts")).geminiRecord,
  (key, { cli }) => ({ code: "passed-at-launch", key, launch: geminiLaunch(cli?.version ?? null) }),
  async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
);
