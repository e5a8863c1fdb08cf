export { agentConsents, agentLimits, type AgentStart } from "./agent-start.ts";
export { type OwnTerminal, runAttached } from "./run-attached.ts";
export { type AgentEnd, type AgentReport, exitCodeOfAgent, runUntilReady } from "./run-until-ready.ts";
