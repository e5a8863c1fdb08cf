export { type CentralStatus, statusOf } from "./central-status.ts";
export { type ContainerRow, containerRows } from "./container-rows.ts";
export { changesNoted, noteChange } from "./installation.ts";
export {
  abandonedSessions,
  giveBackLease,
  type HeldLease,
  renewLeases,
  takeLease,
  voidLeases,
  wantedSessions,
  wantSession,
  withFence,
} from "./leases.ts";
export { agentOfSession, type SessionAgent } from "./agent-of-session.ts";
export { personInWork } from "./person-in-work.ts";
export { personOfSession } from "./person-of-session.ts";
export {
  closeSession,
  containerEnded,
  containerStarted,
  findSession,
  sessionFor,
  type SessionKey,
  startContainerRow,
  touchSession,
} from "./session-rows.ts";
export { sessionsOfPerson } from "./sessions-of-person.ts";
export { type WaitingNote, waitingNotes } from "./waiting-notes.ts";
