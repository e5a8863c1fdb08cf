import type { OwnTurn } from "../provider.ts";
import type { ClaudeFrame } from "./frames.ts";

/** Follows the turns that one process begins by itself. */
export type OwnTurns = {
  readonly hear: (frame: ClaudeFrame) => void;
  /** True while a turn runs, a prompt's or one of its own. */
  readonly isInTurn: () => boolean;
  /** Leaves out the report of the running turn, because a person has ended it. */
  readonly ignore: () => void;
};

/**
 * Reports each turn that Claude Code began by itself, once it has ended. Its id is made from the id of the model's
 * message, which the transcript has too. A turn without a text is not reported: such a one ends at once when a
 * resumed process finds that its background commands are gone (2.1.328).
 */
export const followOwnTurns = (report: (turn: OwnTurn) => void): OwnTurns => {
  let said: string | null = null;
  let [isInTurn, isIgnored] = [false, false];
  return {
    isInTurn: () => isInTurn,
    ignore: () => void (isIgnored = true),
    hear: (frame) => {
      if (frame.type === "begun") isInTurn = true;
      if (frame.type === "said") said = frame.messageId;
      if (frame.type !== "result" && frame.type !== "own-turn") return;
      const { text } = frame;
      if (frame.type === "own-turn" && !isIgnored && text.trim() !== "")
        report({ id: said ?? frame.id, text, hasFailed: frame.isError });
      said = null;
      [isInTurn, isIgnored] = [false, false];
    },
  };
};
