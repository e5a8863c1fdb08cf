export { type DialPlace, protocols } from "./wire-address.ts";
export { type AgentServer, type AgentServerOptions, openAgentServer } from "./agent-server.ts";
export { serveLines, type ServedLine } from "./serve-lines.ts";
export { serveFiles } from "./serve-files.ts";
export { type RunnerServer, type RunnerServerOptions, openRunnerServer } from "./runner-server.ts";
export { type AgentsCheck, checkAgents, readWireState, type WireState } from "./wire-state.ts";
