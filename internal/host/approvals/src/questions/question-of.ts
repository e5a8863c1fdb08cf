import type { ToolQuestion } from "@gatehouse/session-rows/messages";
import type { ApprovalRow } from "@gatehouse/central-database";
import { parsedArgs } from "../parsed-args.ts";
import { questionIn } from "./question-in.ts";

/** The question of an approval as the host has stored it. A torn row has an empty plan, and is not answered. */
export const questionOf = ({ shown }: Pick<ApprovalRow, "shown">): ToolQuestion =>
  questionIn(parsedArgs(shown)["question"]) ?? { type: "plan", plan: "" };
