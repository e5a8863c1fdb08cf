export { sessionHost } from "./host.ts";
export { type UnansweredMessages, unansweredMessages } from "./unanswered-messages.ts";
export type { DialPlace, SessionHost, SessionHostOptions } from "./session-host.ts";
export { checkAgents, type AgentsCheck } from "./check-agents.ts";
export { spooledWork, type SpooledWork } from "./spooled-work.ts";
export { readWireState, type WireState } from "./wire-state.ts";
