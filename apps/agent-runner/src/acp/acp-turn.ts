import type { Prompt, TurnTools } from "../provider.ts";

/** One batch for an open session. */
export type AcpTurn = {
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  /** The prompt was sent before, and its turn did not end, so tools may have run. */
  readonly isRepeated: boolean;
};
