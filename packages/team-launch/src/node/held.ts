export {
  answerHeld,
  findMember,
  listHeld,
  nameOf,
  screenHeld,
  sendHeld,
  stopHeld,
} from "@gatehouse/held-client";
export type {
  HeldAgent,
  HeldFailure,
  HeldLine,
  HeldList,
  HeldNotice,
  HeldQuestion,
  HeldUnreadable,
  HolderState,
  NoSuchMember,
  Stopped,
} from "@gatehouse/held-client";
