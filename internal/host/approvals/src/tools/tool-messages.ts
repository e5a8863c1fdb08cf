import type { ToolDecision, ToolQuestion } from "@gatehouse/session-rows/messages";
import { patience } from "../hold.ts";
import { longestInput } from "./tool-request.ts";

/** Why a tool is denied without a person. */
export type DeniedBecause =
  "policy" | "no-approver" | "no-person" | "full" | "too-long" | "unknown" | "over" | "expired";

const messages: Readonly<Record<DeniedBecause, string>> = {
  policy: "The configuration of this agent group denies all tools that need a permission.",
  "no-approver": "Nobody may allow a tool here: no owner or admin is configured. The operator makes one.",
  "no-person": "Nobody can answer: no person sent the message, and no owner or admin is configured.",
  full: "Too many requests of this agent group wait for a person already.",
  "too-long": `A person has to read the tool's input, and it has more than ${longestInput} characters.`,
  unknown: "The host does not understand this request for a tool.",
  over: "The message that the tool was for is not in work any more.",
  expired: `Nobody answered within ${patience / 3_600_000} hours.`,
};

export const denied = (because: DeniedBecause): ToolDecision => ({
  behavior: "deny",
  message: messages[because],
});

/** The refusal of a person, with the words of that person. */
export const deniedByPerson = (reason: string | null, question: ToolQuestion | undefined): ToolDecision => ({
  behavior: "deny",
  message:
    reason === null
      ? `${refusals[question?.type ?? "tool"]}.`
      : `${refusals[question?.type ?? "tool"]}: ${reason}`,
});

const refusals = {
  tool: "A person denied it",
  choices: "The person does not choose an answer",
  plan: "The person rejected the plan",
} as const;

/** The line of a card about a tool that an earlier runner may have used. */
export const mayHaveRunLine =
  "It may have run already: this was allowed before, and the agent's process was killed since.";

/** The result of a request that its agent has withdrawn. */
export const noLongerAsked = "It is no longer asked.";
