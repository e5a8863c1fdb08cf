// For the checks of tools/compat, which run the providers with real versions.
import type { Provider, ProviderPlace } from "../provider.ts";
import { acp } from "./acp.ts";
import { opencode as opencodeAgent } from "./opencode.ts";
import { qwen as qwenAgent } from "./qwen.ts";

export const opencode: (place: ProviderPlace) => Provider = acp(opencodeAgent);

export const qwen: (place: ProviderPlace) => Provider = acp(qwenAgent);
