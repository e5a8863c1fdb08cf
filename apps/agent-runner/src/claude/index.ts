// For the checks of tools/compat, which run the provider with real versions of Claude Code.
export type { ContainerJson } from "../container-json.ts";
export { hostToolsOf, type HostTools } from "../host-tools/host-tools.ts";
export type { OwnTurn, Prompt, Provider, ProviderPlace, TurnTools } from "../provider.ts";
export { claude } from "./claude.ts";
export { tryClaude } from "../trial/try-claude.ts";
