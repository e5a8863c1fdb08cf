/** The API with which other programs reach held agents: published as `@trust/team-launch/held`. */
export { findMember, nameOf, type NoSuchMember } from "../records/find-member.ts";
export type { HeldNotice, HeldQuestion, HolderState } from "../records/held-state.ts";
export { listHeld, type HeldAgent, type HeldList, type HeldUnreadable } from "../records/list-held.ts";
export type { HeldLine } from "./ask-held.ts";
export type { HeldFailure } from "./held-failure.ts";
export { answerHeld, screenHeld, sendHeld } from "./speak-held.ts";
export { stopHeld, type Stopped } from "./stop-held.ts";
