import type { ApprovalRow } from "@gatehouse/central-database";
import { commandLine, harmless } from "./command-line.ts";
import { parsedArgs } from "./parsed-args.ts";
import { questionOf } from "./questions/question-of.ts";
import { questionSummary } from "./questions/question-lines.ts";
import { toolText } from "./tools/tool-request.ts";

/** `May telegram:7 write to Ana's group?` */
export const senderQuestion = ({ shown }: Pick<ApprovalRow, "shown">, group: string): string =>
  `May ${harmless(String(parsedArgs(shown)["user"]))} write to ${harmless(group)}?`;

/** The question about a chat that no group answers in. */
export const chatQuestion = "Which group may answer in a chat?";

/**
 * The question of an approval, on one line: the command of an agent with secrets by name only, or a sentence.
 */
export const questionText = (
  approval: Pick<ApprovalRow, "kind" | "command" | "shown">,
  group: string,
): string => {
  if (approval.kind === "chat") return chatQuestion;
  if (approval.kind === "tool") return toolText(approval.command, parsedArgs(approval.shown));
  if (approval.kind === "question") return harmless(questionSummary(questionOf(approval)));
  return approval.kind === "sender"
    ? senderQuestion(approval, group)
    : commandLine(approval.command, parsedArgs(approval.shown));
};
