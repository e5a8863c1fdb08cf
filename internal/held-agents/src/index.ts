export { ago } from "./ago.ts";
export * from "./client/index.ts";
export { startHeld, type HeldRecord, type HeldStart } from "./client/start-held.ts";
export { untrustedEnd, type HeldStatus } from "./records/held-state.ts";
