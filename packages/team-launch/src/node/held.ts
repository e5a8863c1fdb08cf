export {
  answerHeld,
  findMember,
  listHeld,
  nameOf,
  screenHeld,
  sendHeld,
  stopHeld,
} from "@gatehouse/held-agents";
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
} from "@gatehouse/held-agents";
