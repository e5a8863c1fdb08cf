export { ago } from "./ago.ts";
export type { HeldFailure } from "./client/held-failure.ts";
export { startHeld, type HeldRecord, type HeldStart } from "./client/start-held.ts";
export { stopHeld, type Stopped } from "./client/stop-held.ts";
export { findMember, nameOf, type NoSuchMember } from "./records/find-member.ts";
export {
  untrustedEnd,
  type HeldNotice,
  type HeldQuestion,
  type HeldStatus,
  type HolderState,
} from "./records/held-state.ts";
export { listHeld, type HeldAgent, type HeldList, type HeldUnreadable } from "./records/list-held.ts";
