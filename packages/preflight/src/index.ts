export { consentList, parseConsents, type ConsentError } from "./consent/consents.ts";
export { trustPreflightEnv, workingAgentEnv } from "./environment.ts";
export { explain, type Explanation, type Place } from "./explain/verdict-messages.ts";
export { grantList } from "./explain/refused.ts";
export type { Grant } from "./grants/grant.ts";
export type { Launch, Launches } from "./launch.ts";
export type { Consent, ConsentRecord, Ledger } from "./consent/ledger.ts";
export type {
  CliError,
  FindCliOptions,
  FoundCli,
  PendingFolder,
  PlannedFolder,
  PreflightPlan,
} from "./plan.ts";
export { installCommand, agentClis, type AgentCli } from "./providers/agent-clis.ts";
export { exitCodeOf } from "./report.ts";
export type { Diagnostic, DiagnosticCode, PreflightReport, PreflightResult, Timings } from "./report.ts";
export { providers } from "./request.ts";
export type { Environment, Pair, PreflightProgress, PreflightRequest, Provider } from "./request.ts";
export type { OpenPty, PreflightEvent, Question, Watch } from "./watch.ts";
export type { Result } from "@gatehouse/std";
export { screenText } from "@trust/dialog-engine";
export { codes } from "./statuses.ts";
export type { Code, Status } from "./statuses.ts";

export { isQuiet, type FolderStatus, type StatusReport } from "./status-report.ts";

export { explainTranscript, type ExplainedStep } from "./control/explain-transcript.ts";
export { isTranscript, parseTranscript } from "./control/transcript-lines.ts";
export { viaChoices, type Via, type ViaChoice } from "./via.ts";
export type { NotPersisted, Verdict } from "./verdict.ts";
