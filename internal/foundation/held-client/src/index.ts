export { ago } from "./ago.ts";
export * from "./client/index.ts";
export { startHeld, type HeldRecord, type HeldStart, type HoldRequest } from "./client/start-held.ts";
export { untrustedEnd, type HeldStatus } from "./records/held-state.ts";
export { attachHeld } from "./client/attach-held.ts";
export { askHeld, connectHeld } from "./client/ask-held.ts";
export { unreadableFile } from "./client/held-failure.ts";
export { notHeld } from "./client/speak-held.ts";
export { heldPlaces } from "./records/held-places.ts";
