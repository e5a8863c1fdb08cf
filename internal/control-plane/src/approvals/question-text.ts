import type { ApprovalRow } from "../database/tables.ts";
import { commandLine, harmless } from "./command-line.ts";
import { parsedArgs } from "./parsed-args.ts";

/** `May telegram:7 write to Ana's group?` */
export const senderQuestion = ({ shown }: Pick<ApprovalRow, "shown">, group: string): string =>
  `May ${harmless(String(parsedArgs(shown)["user"]))} write to ${harmless(group)}?`;

/** What is asked about a chat that no group answers in. */
export const chatQuestion = "Which group may answer in a chat?";

/** What a person is asked, on one line: the command of an agent, secrets by name only, or the question. */
export const questionText = (
  approval: Pick<ApprovalRow, "kind" | "command" | "shown">,
  group: string,
): string => {
  if (approval.kind === "chat") return chatQuestion;
  return approval.kind === "sender"
    ? senderQuestion(approval, group)
    : commandLine(approval.command, parsedArgs(approval.shown));
};
