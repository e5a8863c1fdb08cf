export { type AgentBed, makeAgentBed, setUp } from "./agent-bed.ts";
export { type AgentScript, installAgent } from "./fake-agent.ts";
export { type Bed, type LogLine, type Scenario, makeBed, setUpProfile } from "./fake-claude.ts";
export { type CodexScenario, installCodex } from "./fake-codex.ts";
export { installCli } from "./installed-cli.ts";
export { steps } from "./steps.ts";
export { withMoreTime } from "./with-more-time.ts";
export { openTerminal, type UserProgram, type UserTerminal } from "./user-terminal.ts";
