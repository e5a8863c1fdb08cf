import { claudePack } from "./claude.ts";
import { codexPack } from "./codex.ts";
import { copilotPack } from "./copilot.ts";
import { geminiPack } from "./gemini.ts";
import { kimiPack } from "./kimi.ts";
import { piPack } from "./pi.ts";
import { qwenPack } from "./qwen.ts";
import type { RulePack } from "../rules/rule.ts";

/** All packs. A new pack is a row here. */
export const packs: readonly [RulePack, ...RulePack[]] = [
  claudePack,
  codexPack,
  copilotPack,
  geminiPack,
  kimiPack,
  qwenPack,
  piPack,
];
