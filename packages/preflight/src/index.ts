export { consentList, parseConsents, type ConsentError } from "./consents.ts";
export { trustPreflightEnv, workingAgentEnv } from "./environment.ts";
export { explain, grantList, type Explanation, type Place } from "./verdict-messages.ts";
export type { Grant } from "./grants.ts";
export type { Consent, ConsentRecord, Ledger } from "./ledger.ts";
export type {
  CliError,
  FindCliOptions,
  FoundCli,
  PendingFolder,
  PlannedFolder,
  PreflightPlan,
} from "./plan.ts";
export { installCommand, agentClis, type AgentCli } from "./providers/agent-clis.ts";
export { exitCodeOf, isQuiet } from "./report.ts";
export type { Diagnostic, DiagnosticCode, PreflightReport, PreflightResult, Timings } from "./report.ts";
export type { FolderStatus, StatusReport } from "./report.ts";
export { providers, viaChoices } from "./request.ts";
export type { Environment, Pair, PreflightRequest, Provider } from "./request.ts";
export type { Via, ViaChoice } from "./request.ts";
export type { OpenPty, PreflightEvent, PreflightProgress, Question, Watch } from "./watch.ts";
export type { Result } from "@gatehouse/std";
export { screenText } from "@trust/dialog-engine";
export { codes } from "./verdict.ts";
export type { Code, Launch, Launches, NotPersisted, Status, Verdict } from "./verdict.ts";
export { explainTranscript, isTranscript, parseTranscript } from "./control/transcript.ts";
export type { ExplainedStep } from "./control/transcript.ts";
