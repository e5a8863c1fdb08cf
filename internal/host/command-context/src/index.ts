export type { Answering, ApprovalChoice, Shown } from "./context/answering.ts";
export { authorizationIn } from "./context/authorization.ts";
export type { ClockAndIds } from "./context/clock-and-ids.ts";
export {
  type CommandContext,
  type ContextDeps,
  contextFor,
  type FileEntry,
  type MessageWay,
  type ReadContext,
} from "./context/command-context.ts";
export type { Erased } from "./context/delete-person.ts";
export { patternMatches, patternProblem } from "./context/engage-pattern.ts";
export { forgetUntil } from "./context/forget-until.ts";
export type { Behind, GroupConfig, GroupPlace } from "./context/group-config.ts";
export {
  addAgentDestination,
  addChatDestination,
  forgetRefusal,
  type Wiring,
} from "./context/group-destinations.ts";
export { finishPurges, rehearsedFolders } from "./context/group-folders.ts";
export { nameOfActor } from "./context/name-of-actor.ts";
export { referredRows } from "./context/referred-rows.ts";
export { done, problemOf, refused } from "./context/reply.ts";
export type { AnyTables } from "./context/row-selects.ts";
export {
  type AskSessions,
  installIntent,
  type InstallPayload,
  sessionsIntent,
  type SessionsPayload,
} from "./context/sessions-intent.ts";
export {
  type ResourceOf,
  type StoredTable,
  storedTable,
  type TableName,
  type TableOf,
} from "./context/stored-table.ts";
export { timeOrderedId } from "./context/time-ordered-id.ts";
export { inSavepoint, inTransaction, type Work } from "./context/transact.ts";
export { hookList, type TransactionHooks } from "./context/transaction-hooks.ts";
export {
  decisionLog,
  type LogDeps,
  type NotedAct,
  type NotedActs,
  recordIn,
  rowOf,
} from "./decisions/decision-log.ts";
export {
  appendDecisions,
  keyOfLog,
  pruneDecisions,
  sealApproval,
  takeLogKey,
} from "./decisions/log-chain.ts";
export { resealLog } from "./decisions/reseal-log.ts";
export { noteEnd } from "./decisions/seen-end.ts";
export {
  answeredRule,
  type LogFlaw,
  movedChat,
  type VerifiedLog,
  verifyLog,
} from "./decisions/verify-log.ts";
export type { DecisionQuery } from "./decisions/read-decisions.ts";
