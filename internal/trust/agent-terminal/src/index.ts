export { agentConsents } from "./agent-consents.ts";
export { agentLimits } from "./agent-limits.ts";
export { type AgentEnd, type AgentReport, exitCodeOfAgent } from "./agent-report.ts";
export type { AgentStart } from "./agent-start.ts";
export { type OwnTerminal, runAttached } from "./run-attached.ts";
export { runUntilReady } from "./run-until-ready.ts";
