export { gatewayTokenOf } from "./gateway-token.ts";
export { type HostRow, hostRow, hostText } from "./host-row.ts";
export { interruptedBy, isInterrupted } from "./interrupted.ts";
export { attachmentLimits, type NamedFile, namedFiles } from "./named-files.ts";
export {
  failedServersKey,
  isServerFailure,
  reportIn,
  type RunnerReport,
  type ServerFailure,
  serverFailures,
} from "./reports.ts";
export { isFolderName, safeFileName, safeFileNames } from "./safe-names.ts";
export type {
  Address,
  Destination,
  InboundMessage,
  Json,
  MessageKind,
  OutboundMessage,
  ReceivedInbound,
  ReceivedOutbound,
} from "./messages.ts";
export { keptAsleep, type TaskContent } from "./task-content.ts";
export {
  canonicalInput,
  isToolName,
  type AskedQuestion,
  type ToolDecision,
  type ToolQuestion,
  type RealPath,
  type ToolRequest,
  type ToolSuggestion,
} from "./tool-request.ts";
export type { Notice, Progress } from "./live.ts";
export type {
  Acknowledgement,
  AgentSide,
  RunnerSide,
  Committed,
  Delivery,
  Ended,
  Identity,
  Origin,
  Projection,
  Question,
  Secrets,
  SessionState,
  TransportError,
  TransportResult,
  Undelivered,
  Unanswered,
  Waiting,
} from "./transport.ts";
