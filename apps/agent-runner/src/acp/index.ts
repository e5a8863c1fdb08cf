// For the checks of tools/compat, which run the provider with real versions of OpenCode.
import type { Provider, ProviderPlace } from "../provider.ts";
import { acp } from "./acp.ts";
import { opencode as agent } from "./opencode.ts";

export const opencode: (place: ProviderPlace) => Provider = acp(agent);
