import type { HostTools, SendInput } from "../host-tools/host-tools.ts";
import { fullName, toolNames } from "../host-tools/tool-names.ts";
import { readSendInput } from "../host-tools/tool-server.ts";
import type { TurnTools } from "../provider.ts";
import type { PromptState, ToolUse } from "./transcript.ts";

/** The messages that a turn has sent, as its transcript shows. One without a result is sent again, with the same id. */
export const sentBefore = (uses: readonly ToolUse[]): readonly SendInput[] =>
  uses.flatMap(({ tool, input, hasResult, hasFailed }) => {
    const read = tool === fullName(toolNames.send) && hasResult && !hasFailed ? readSendInput(input) : null;
    return read === null ? [] : [read];
  });

/** The host tools of the turn that a process works on. */
export type CurrentTools = {
  /** Null between two turns, and when the turn is aborted. */
  readonly get: () => HostTools | null;
  /** Runs a turn. `seen`: how far an earlier process came with it. */
  readonly during: <T>(tools: TurnTools, seen: PromptState, run: () => Promise<T>) => Promise<T>;
};

export const currentTools = (): CurrentTools => {
  let current: TurnTools | null = null;
  return {
    get: () => (current === null || current.signal.aborted ? null : current.hostTools),
    during: async (tools, seen, run) => {
      current = tools;
      tools.hostTools.begin(seen.state === "open" ? sentBefore(seen.toolUses) : []);
      const result = await run();
      current = null;
      return result;
    },
  };
};
