export type { DialPlace } from "./wire-address.ts";
export { type AgentServer, type AgentServerOptions, serveAgents } from "./serve-agents.ts";
export { serveFiles } from "./serve-files.ts";
export { type RunnerServer, type RunnerServerOptions, serveRunners } from "./serve-runners.ts";
export { type AgentsCheck, checkAgents, readWireState, type WireState } from "./wire-state.ts";
