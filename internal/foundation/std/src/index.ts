export { abortOf } from "./abort-of.ts";
export { backoff, type Backoff } from "./backoff.ts";
export { coalesced, type Coalesced } from "./coalesced.ts";
export { agentFiles } from "./agent-files.ts";
export { candidateLines, type Candidate } from "./completion/candidate-lines.ts";
export { readTab, type Tab } from "./completion/read-tab.ts";
export { completionScript, shells, type Shell } from "./completion/script.ts";
export { defined } from "./defined.ts";
export { durationOf } from "./duration.ts";
export { type Fields, fieldsOf, listOf, textOf } from "./fields.ts";
export type { Environment } from "./environment.ts";
export { edits, nearest } from "./nearest.ts";
export { parseJson } from "./parse-json.ts";
export { fail, ok, type Result } from "./result.ts";
export { shellWord } from "./shell-word.ts";
export { systemCode } from "./system-code.ts";
export { utf8Bytes } from "./utf8-bytes.ts";
export { oneLine, visible, visibleJson, visibleLines, wordsInOrder } from "./visible.ts";
export type {
  Card,
  CardOption,
  WaitingApproval,
  WaitingApprovals,
  WaitingInHost,
  WaitingVendor,
} from "./waiting-approval.ts";
export { onLines, textLines } from "./text-lines.ts";
export { turns, type Turns } from "./turns.ts";
export { handleIn, personIds, userIdProblem } from "./user-ids.ts";
export { wrapRow } from "./wrap-row.ts";
export { keyAddressProblem } from "./key-address.ts";
