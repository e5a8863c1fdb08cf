import type { AgentSide, Destination, ReceivedInbound } from "@gatehouse/session-rows/messages";
import { limits } from "../limits.ts";
import { partFor } from "../prompt/answers-in.ts";
import { originOf } from "../prompt/prompt-text.ts";
import type { TurnTools } from "../provider.ts";
import type { Calls } from "./calls.ts";
import { isPrompt } from "./next-work.ts";

type ShowContext = {
  readonly side: Pick<AgentSide, "progress">;
  readonly calls: Pick<Calls, "pause">;
  /** Nothing is shown after the turn. */
  readonly isOver: () => boolean;
};

/**
 * Reports what the agent is writing to the chat of the turn's last prompt, at most once in `showTextMs`. Text for
 * another destination is not shown there.
 */
export const textShower = (
  { side, calls, isOver }: ShowContext,
  messages: readonly ReceivedInbound[],
  destinations: readonly Destination[],
): TurnTools["showText"] => {
  let [latest, shown] = ["", ""];
  let isPausing = false;
  const show = (): void => {
    const prompt = messages.findLast(isPrompt);
    if (isPausing || isOver() || prompt === undefined) return;
    const text = partFor(latest, originOf(prompt, destinations));
    if (text === shown) return;
    shown = text;
    isPausing = true;
    side.progress({ inReplyTo: prompt.id, text });
    void calls.pause(limits.showTextMs).then(() => {
      isPausing = false;
      show();
    });
  };
  return (text) => {
    latest = text;
    show();
  };
};
