import { randomUUID } from "node:crypto";
import { ok, type Result } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";
import type { ClaudeProgram } from "./claude-program.ts";
import { commandFrame, type ClaudeFrame } from "./frames.ts";
import { outcomeOf, untilTurnEnd } from "./run-turn.ts";

type Compacted = Extract<ClaudeFrame, { readonly type: "compacted" }>;

/**
 * Has Claude Code compact its conversation by its own command, and returns its outcome, a sentence. The command
 * gives no text as its result: it names the tokens in a frame, and says an error as the model would (2.1.328). After a
 * kill it is given again, under another UUID: compacting twice does no harm, and a known UUID would be ignored.
 */
export const compact = (
  program: ClaudeProgram,
  signal: AbortSignal,
): Promise<Result<string, ProviderError>> => {
  const uuid = randomUUID();
  const result = new Promise<Result<string, ProviderError>>((resolve) => {
    let compacted: Compacted | null = null;
    let said = "";
    program.listen((frame) => {
      if (frame.type === "compacted") compacted = frame;
      if (frame.type === "said") said = frame.text;
      if (frame.type !== "result" || frame.prompts?.includes(uuid) === false) return;
      const outcome = outcomeOf(frame);
      resolve(outcome.ok ? ok(compactedText(compacted, said)) : outcome);
    });
  });
  program.send(commandFrame(uuid, "/compact"));
  return untilTurnEnd(program, signal, result);
};

/** The sentence for the sender of the order. */
export const compactedText = (compacted: Omit<Compacted, "type"> | null, said: string): string => {
  if (compacted === null)
    return `Nothing was compacted: ${said.replace(/^Error: /, "") || "Claude Code gave no reason."}`;
  const { before, after } = compacted;
  if (before === null || after === null) return "The conversation is compacted.";
  return `The conversation is compacted: ${before.toLocaleString("en")} tokens before, ${after.toLocaleString("en")} now.`;
};
