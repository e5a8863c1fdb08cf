export { agentConsents, agentLimits, type AgentStart } from "./agent-start.ts";
export { type AgentEnd, type AgentReport, exitCodeOfAgent } from "./agent-report.ts";
export { type OwnTerminal, runAttached } from "./run-attached.ts";
export { runUntilReady } from "./run-until-ready.ts";
