import type { Prompt, TurnTools } from "../provider.ts";
import type { TurnRecord } from "./turn-record.ts";

/** One turn in a thread that Codex has open. */
export type Turn = {
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  readonly threadId: string;
  /** The text of the prompt as Codex gets it. */
  readonly text: string;
  readonly record: TurnRecord;
  readonly keepRecord: (record: TurnRecord) => Promise<void>;
};
