export { answering, toolAnswered } from "./answer.ts";
export { commandLine, harmless, parsedArgs, parsedLines } from "./approval-row.ts";
export {
  type Approver,
  approversOf,
  directChats,
  ifShown,
  mayAnswer,
  namesKnown,
  notAnApprover,
  shownTo,
} from "./approvers.ts";
export { type ChatNotHeld, holdChat, holdMessage, type NotHeld, wirableGroups } from "./hold-message.ts";
export { type CardLines, cardLines, shortLabel } from "./card-lines.ts";
export { hold, runApproved } from "./hold.ts";
export { chatQuestion, isOfAgent, questionText, senderQuestion } from "./kinds.ts";
export { questionOf } from "./questions.ts";
export { requestKey, toolRequestIn } from "./tool-request.ts";
export { toolRulesOf } from "./tool-rules.ts";
export { denied, type HeldTool, holdTool, withdrawTools } from "./tools.ts";
export { expireApprovals, forgetOldApprovals, waitingApprovals } from "./waiting-approvals.ts";
