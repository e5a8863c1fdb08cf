import type { Provider } from "../../index.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { copilot } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { kimi } from "./kimi.ts";
import { neverAsked } from "./never-asked.ts";
import { pi } from "./pi.ts";
import { qwen } from "./qwen.ts";
import type { Strategy } from "../plan/strategy.ts";

/** One row per provider. */
export const strategies: { readonly [P in Provider]: Strategy } = {
  claude,
  codex,
  gemini,
  copilot,
  qwen,
  kimi,
  opencode: neverAsked,
  pi,
};
