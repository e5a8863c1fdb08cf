export { agentContract, type AgentBehaviour, type AgentCase, type AgentSubject } from "./agent-contract.ts";
export { scriptedAgents, type Script, type ScriptedAgents, type Scripts } from "./scripted-agents.ts";
