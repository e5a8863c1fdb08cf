// For the checks of tools/compat, which run the providers with real versions.
import type { Provider, ProviderPlace } from "../provider.ts";
import type { OwnProvider } from "../container-json.ts";
import { ownAgent } from "./own-agent.ts";
import { acp } from "./acp.ts";
import { copilot as copilotAgent } from "./copilot.ts";
import { gemini as geminiAgent } from "./gemini.ts";
import { kimi as kimiAgent } from "./kimi.ts";
import { opencode as opencodeAgent } from "./opencode.ts";
import { qwen as qwenAgent } from "./qwen.ts";

export const ownProvider = (row: OwnProvider): ((place: ProviderPlace) => Provider) => acp(ownAgent(row));

export const opencode: (place: ProviderPlace) => Provider = acp(opencodeAgent);

export const qwen: (place: ProviderPlace) => Provider = acp(qwenAgent);

export const kimi: (place: ProviderPlace) => Provider = acp(kimiAgent);

export const copilot: (place: ProviderPlace) => Provider = acp(copilotAgent);
export const gemini: (place: ProviderPlace) => Provider = acp(geminiAgent);
