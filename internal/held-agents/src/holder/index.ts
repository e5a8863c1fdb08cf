export { untrustedEnd } from "../records/held-state.ts";
export { type Held, type HoldError, type HoldRequest, holdAgent } from "./hold-agent.ts";
export type { HeldEvent } from "./event-log.ts";
