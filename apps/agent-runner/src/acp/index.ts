import type { AcpName } from "@gatehouse/provider-facts/agents";
import type { Provider, ProviderPlace } from "../provider.ts";
import type { OwnProvider } from "../container-json.ts";
import { acp, type AcpAgent } from "./acp.ts";
import { copilot } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { kimi } from "./kimi.ts";
import { opencode } from "./opencode.ts";
import { ownAgent } from "./own-agent.ts";
import { qwen } from "./qwen.ts";

/** The agents by ACP. A new one is a file and a row here, and a file and its rows in `@gatehouse/provider-facts`. */
export const acpAgents: Readonly<Record<AcpName, AcpAgent>> = { opencode, qwen, kimi, copilot, gemini };

export const acpProvider = (name: AcpName): ((place: ProviderPlace) => Provider) => acp(acpAgents[name]);

export const ownProvider = (row: OwnProvider): ((place: ProviderPlace) => Provider) => acp(ownAgent(row));
