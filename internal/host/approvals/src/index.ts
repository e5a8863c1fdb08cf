export { answering, noteId } from "./answer.ts";
export { answeredApprovals, type AnsweredApproval, type WantedAnswers } from "./answered-approvals.ts";
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
export { answeredBy, answerOf, type CardAnswer, cardOf, outcomeText, textOfCard } from "./card.ts";
export {
  type Awaited,
  chatLabel,
  type ChatNotHeld,
  type Held,
  type Hold,
  holdChat,
  holdMessage,
  mostLater,
  type NotHeld,
} from "./hold-message.ts";
export { hold, runApproved } from "./hold.ts";
export { isOfAgent, questionText } from "./kinds.ts";
export { requestKey, toolRequestIn } from "./tool-request.ts";
export { toolRulesOf } from "./tool-rules.ts";
export { denied, type HeldTool, holdTool, withdrawTools } from "./tools.ts";
export {
  type AskedApproval,
  type AskedApprovals,
  countWaiting,
  expireApprovals,
  forgetOldApprovals,
  waitingApprovals,
  type WantedApprovals,
} from "./waiting-approvals.ts";
