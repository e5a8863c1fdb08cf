export { commandLine, harmless } from "./approvals/command-line.ts";
export { parsedArgs, parsedLines } from "./approvals/parsed-args.ts";
export { type ChatNotHeld, holdChat } from "./approvals/hold-chat.ts";
export { holdMessage, type NotHeld } from "./approvals/hold-message.ts";
export { isOfAgent } from "./approvals/kinds/index.ts";
export { mayAnswer } from "./approvals/approvers.ts";
export { approversOf } from "./approvals/approvers-of.ts";
export { chatQuestion, senderQuestion } from "./approvals/question-text.ts";
export { shownTo } from "./approvals/shown-to.ts";
export { wirableGroups } from "./approvals/wirable-groups.ts";
export { checkServer } from "./database/check-server.ts";
export { explainMove, noTarget, renderMove } from "./database/move/explain-move.ts";
export { explainOpen } from "./database/explain-open.ts";
export { groupOwnerships } from "./database/group-ownerships.ts";
export { type Moved, moveCentral } from "./database/move/move-central.ts";
export { migrations } from "./database/migrations/index.ts";
export { type Central, centralFile, openCentral } from "./database/open-central.ts";
export { type CentralPlace, openCentralAt } from "./database/open-central-at.ts";
export { readCentral } from "./database/read-central.ts";
export type { CentralTables } from "./database/tables.ts";
export { type CentralCommandHost, centralCommandHost, type Settle } from "./dispatch/command-host.ts";
export { groupMeant } from "./dispatch/group-meant.ts";
export { endSessionsOf } from "./dispatch/end-sessions-of.ts";
export { readWaiting } from "./dispatch/read-waiting.ts";
export { type Transports, transportsOf } from "./dispatch/transports.ts";
export { type Initialised, initGroup, type InitRequest } from "./groups/init-group.ts";
export { openDirectChat, wireDirectChat } from "./groups/wire-chat.ts";
export { firstSteps } from "./groups/first-steps.ts";
export { besideGroups, makeStaging, settleStaging } from "./groups/staged-folders.ts";
export { patternMatches, patternProblem } from "./world/engage-pattern.ts";
export { type BackfillPlace, backfillGroups, startUpBackfill } from "./groups/start-up-backfill.ts";
export type { Carrier } from "./intents/carrier.ts";
export { personOfSession } from "./sessions/person-of-session.ts";
export type { HostName } from "./intents/intent-loop.ts";
export { changesNoted, noteChange } from "./sessions/installation.ts";
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
} from "./sessions/leases.ts";
export { type WaitingNote, waitingNotes } from "./sessions/waiting-notes.ts";
export { type CentralStatus, statusOf } from "./sessions/central-status.ts";
export {
  closeSession,
  containerEnded,
  containerStarted,
  sessionFor,
  type SessionKey,
  startContainerRow,
  touchSession,
} from "./sessions/session-rows.ts";
export { chatDestinationName } from "./database/chat-destination-name.ts";
