export { type AgentSideOptions } from "./store/agent-transactions.ts";
export { openAgentSide } from "./store/agent-side.ts";
export { deleteEnded, sessionsWithRows } from "./store/delete-ended.ts";
export { createSessionTables } from "./store/create-session-tables.ts";
export { type StoredHostSide, openHostSide } from "./store/host-side.ts";
export { type HostSideOptions } from "./store/host-transactions.ts";
export { withdrawnReason } from "./store/waiting.ts";
export { forgetSession, hasSession, type StoredBytes, storedBytes } from "./store/sessions.ts";
export { type SessionSignals, sessionSignals } from "./store/session-signals.ts";
export type { SessionTables } from "./store/session-tables.ts";
export {
  gatewayTokenOf,
  gatewayWorkloadOf,
  issueToken,
  revokeTokens,
  type Workload,
  workloadOf,
} from "./store/session-tokens.ts";
export { connectToHost } from "./wire/connect-to-host.ts";
export { type DialOptions, dialHost } from "./wire/dial-host.ts";
export { type AgentFiles, agentFiles } from "./files/agent-files.ts";
export type { FileContent, FileError, FileOutcome } from "./files/file-chunks.ts";
export {
  expireFiles,
  type FilePlace,
  findFile,
  type FoundFile,
  type NewFile,
  putFiles,
  type RemovedFiles,
  removeFiles,
  removeExpired,
} from "./files/file-store.ts";
export { type FileClient, fileClient } from "./wire/fetch-files.ts";
export { serveFiles } from "./wire/serve-files.ts";
export { type LeftWork, openSpool, type Spool } from "./wire/spool.ts";
export { type SpoolEntry, spoolEntries } from "./wire/spool-entries.ts";
export { type RunnerServer, type RunnerServerOptions, serveRunners } from "./wire/serve-runners.ts";
