export { type HeldEvent, eventLog } from "../event-log.ts";
export { nameOf } from "./find-member.ts";
export { forget } from "./forget.ts";
export { type Claimant, type HeldClaim, recordFields } from "./held-claim.ts";
export { agentVariable, heldPlaces, type HeldPlaces, unfinished } from "./held-places.ts";
export {
  type HeldNotice,
  type HeldQuestion,
  type HeldStatus,
  type HolderState,
  statusOf,
  untrustedEnd,
} from "./held-state.ts";
export { type HeldAgent, listHeld, readStatus } from "./list-held.ts";
export { socketAddress } from "./socket-address.ts";
