export { untrustedEnd } from "@gatehouse/held-client/records";
export { type Held, type HoldError, type HoldRequest, holdAgent } from "./hold-agent.ts";
export type { HeldEvent } from "@gatehouse/held-client/records";
