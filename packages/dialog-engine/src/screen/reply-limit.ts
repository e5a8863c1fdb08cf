import type { Clock } from "../ports.ts";

/** Programs ask a few questions at their start. Replies that a program does not read stay in memory. */
const repliesPerSecond = 100;

/** Returns true while the terminal may still reply. A program that never stops asking gets no more replies. */
export const createReplyLimit = (clock: Clock): (() => boolean) => {
  let second = Number.NEGATIVE_INFINITY;
  let replies = 0;
  return () => {
    if (clock.now() >= second + 1_000) [second, replies] = [clock.now(), 0];
    replies += 1;
    return replies <= repliesPerSecond;
  };
};
