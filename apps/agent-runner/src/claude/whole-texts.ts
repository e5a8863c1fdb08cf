import type { ClaudeFrame } from "./frames.ts";

/**
 * Gives frames their whole texts: a piece of text becomes all that the answer has so far, and a result gets all blocks of its
 * answer. Claude Code's own result has the last block alone, also of an answer that it asked for in pieces because the stream
 * broke or the tokens were used up. A message that is asked for again takes back what it has written (2.1.332). `earlier`: the
 * pieces that a killed process kept of the answer in its first turn.
 */
export const wholeTexts = (earlier: string): ((frame: ClaudeFrame) => ClaudeFrame) => {
  let next = earlier;
  /** The earlier pieces of the answer, its complete blocks, and what is written of it. */
  let [kept, said, written] = ["", "", ""];
  const begin = (): void => {
    kept = said = written = next;
    next = "";
  };
  return (frame) => {
    if (frame.type === "message") said = written = kept;
    if (frame.type === "goes-on") kept = said;
    if (frame.type === "said") said += frame.text;
    if (frame.type === "text") return { ...frame, text: (written += frame.text) };
    if (frame.type === "begun" || frame.type === "tool") begin();
    if (frame.type !== "result" && frame.type !== "own-turn") return frame;
    const text = !frame.isError && said.endsWith(frame.text) ? said : frame.text;
    begin();
    return { ...frame, text };
  };
};
