export { claudePack } from "./claude.ts";
export { codexPack } from "./codex.ts";
export { copilotPack } from "./copilot.ts";
export { geminiPack } from "./gemini.ts";
export { kimiPack } from "./kimi.ts";
export { packOf } from "./pack-of.ts";
export { piPack } from "./pi.ts";
export { qwenPack } from "./qwen.ts";
