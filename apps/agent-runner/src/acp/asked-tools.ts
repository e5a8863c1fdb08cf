import type {
  PermissionOptionKind,
  RequestPermissionRequest,
  RequestPermissionResponse,
} from "@agentclientprotocol/sdk";
import { isPrompt } from "../loop/next-work.ts";
import { notAsked } from "./acp-program.ts";
import type { AcpTurn } from "./acp-turn.ts";
import type { ToolCalls } from "./tool-calls.ts";

/**
 * Passes requests to use a tool on to a person, and their answers back. An answer counts once: the agent's own
 * "always" is never chosen, because the host keeps such rules.
 */
export const askedTools = (
  session: string,
  { prompt, tools, isRepeated }: AcpTurn,
  calls: ToolCalls,
): ((request: RequestPermissionRequest) => Promise<RequestPermissionResponse>) => {
  const counts = new Map<string, number>();
  const messageId = (prompt.messages.find(isPrompt) ?? prompt.messages[0])?.id ?? prompt.batch;
  return async ({ sessionId, toolCall, options }) => {
    if (sessionId !== session) return notAsked;
    const { tool, input } = calls.asked(toolCall);
    const key = JSON.stringify([tool, input]);
    const occurrence = counts.get(key) ?? 0;
    counts.set(key, occurrence + 1);
    const { behavior } = await tools.askTool({ messageId, tool, input, occurrence, mayHaveRun: isRepeated });
    if (tools.signal.aborted) return notAsked;
    const kind: PermissionOptionKind = behavior === "allow" ? "allow_once" : "reject_once";
    const option = options.find((each) => each.kind === kind);
    // Without such an option the agent is told nothing that it could take for a yes.
    return option === undefined ? notAsked : { outcome: { outcome: "selected", optionId: option.optionId } };
  };
};
