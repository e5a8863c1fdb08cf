import type { ToolRequest } from "@gatehouse/session-rows/messages";

/** A request for a tool, and the question by which the runner asks. */
export type AskedTool = {
  readonly sessionId: string;
  readonly groupId: string;
  readonly questionId: string;
  readonly request: ToolRequest;
};
