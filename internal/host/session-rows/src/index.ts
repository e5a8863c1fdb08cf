export { type CentralStatus, statusOf, unansweredMessages, type WaitingCount } from "./central-status.ts";
export { type ContainerRow, containerRows } from "./container-rows.ts";
export {
  endedHosts,
  heardHosts,
  type HostSaid,
  type HostState,
  type HostSuccession,
  hostStates,
  laterHost,
  sayHost,
  sayHostMs,
  unlikeSettings,
} from "./hosts.ts";
export { changesNoted, installationName, installationNameIn, noteChange } from "./installation.ts";
export {
  abandonedSessions,
  endLeasesOf,
  fencedWrite,
  giveBackIdle,
  giveBackLease,
  type HeldLease,
  otherHosts,
  renewLeases,
  takeLease,
  takeNamed,
  voidLeases,
  wantedSessions,
  wantSession,
  withFence,
} from "./leases.ts";
export { appendIn, appendMessages, type HostInbox, withdrawMessage } from "./inbox.ts";
export { agentOfSession, type SessionAgent } from "./agent-of-session.ts";
export {
  findMessages,
  type FoundMessage,
  type GroupState,
  groupStates,
  openMessages,
  type OpenMessages,
} from "./overview.ts";
export { personInWork } from "./person-in-work.ts";
export { personOfSession } from "./person-of-session.ts";
export {
  closeSession,
  closeTaskSession,
  containerEnded,
  containerStarted,
  findSession,
  leftContainerExited,
  sessionFor,
  type SessionKey,
  startContainerRow,
  touchSession,
} from "./session-rows.ts";
export { sessionsOfPerson } from "./sessions-of-person.ts";
export { type AgentFiles, agentFiles } from "./files/agent-files.ts";
export type { FileContent, FileError, FileOutcome } from "./files/file-chunks.ts";
export {
  expireFiles,
  type FilePlace,
  findFile,
  type FoundFile,
  fullGroup,
  type NewFile,
  putFiles,
  type PutOptions,
  type RemovedFiles,
  removeFiles,
  removeExpired,
} from "./files/file-store.ts";
export { openAgentSide } from "./rows/agent-side.ts";
export { messageWays } from "./rows/message-ways.ts";
export { deleteEnded, sessionsWithRows } from "./rows/stored-rows.ts";
export { type HostSide, openHostSide, project } from "./rows/host-side.ts";
export type { AgentSideOptions, HostSideOptions } from "./rows/transaction.ts";
export {
  lastSource,
  longestWaitMs,
  markTold,
  numberOf,
  openMessagesAfter,
  originOf,
  releaseMessages,
  sessionState,
  waitingMessages,
  withdrawnReason,
} from "./rows/inbound.ts";
export { sendToAgent } from "./rows/insert-messages.ts";
export { dueMessages, hasOpenMessages, settle } from "./rows/outbound.ts";
export { answerQuestion, openQuestions } from "./rows/questions.ts";
export { forgetSession, hasSession, type StoredBytes, storedBytes } from "./rows/stored-rows.ts";
export { type SessionSignals, sessionSignals } from "./rows/session-signals.ts";
export {
  setVendorTrouble,
  vendorWaits,
  type WaitsForVendor,
  waitingForVendor,
} from "./rows/vendor-troubles.ts";
export {
  gatewayWorkloadOf,
  issueToken,
  revokeTokens,
  type Workload,
  workloadOf,
} from "./rows/session-tokens.ts";
export { type FailedServer, failedServers } from "./rows/failed-servers.ts";
