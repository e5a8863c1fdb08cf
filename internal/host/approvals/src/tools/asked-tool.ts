import type { ToolRequest } from "@nc/session-db";

/** A request for a tool, and the question by which the runner asks. */
export type AskedTool = {
  readonly sessionId: string;
  readonly groupId: string;
  readonly questionId: string;
  readonly request: ToolRequest;
};
