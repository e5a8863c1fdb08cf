import type { RulePack } from "@trust/dialog-engine";
import {
  claudePack,
  codexPack,
  copilotPack,
  geminiPack,
  kimiPack,
  piPack,
  qwenPack,
} from "@trust/dialog-engine/packs";
import type { Provider } from "@gatehouse/std";

/** A native CLI that can be started: its file name on PATH, and how its screens are read. */
type Agent = {
  readonly file: string;
  /** Null if the program asks nothing when it starts and no rule recognises its prompt. */
  readonly pack: RulePack | null;
};

export const agents: { readonly [P in Provider]: Agent } = {
  claude: { file: "claude", pack: claudePack },
  codex: { file: "codex", pack: codexPack },
  gemini: { file: "gemini", pack: geminiPack },
  copilot: { file: "copilot", pack: copilotPack },
  qwen: { file: "qwen", pack: qwenPack },
  kimi: { file: "kimi", pack: kimiPack },
  opencode: { file: "opencode", pack: null },
  pi: { file: "pi", pack: piPack },
};
