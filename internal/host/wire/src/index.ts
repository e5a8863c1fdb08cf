export { type AgentsCheck, checkAgents } from "./check-agents.ts";
export type { DialPlace } from "./wire-address.ts";
export type { AgentServerOptions } from "./agent-server-options.ts";
export { type AgentServer, serveAgents } from "./serve-agents.ts";
export { serveFiles } from "./serve-files.ts";
export { type RunnerServer, type RunnerServerOptions, serveRunners } from "./serve-runners.ts";
export { readWireState, type WireState } from "./wire-state.ts";
