import type { Clock } from "../ports.ts";

/** Programs ask a handful of questions at their start. What one does not read is kept in memory. */
const repliesPerSecond = 100;

/** True as long as the terminal may answer its program. One that asks on and on is not answered on and on. */
export const createReplyLimit = (clock: Clock): (() => boolean) => {
  let second = Number.NEGATIVE_INFINITY;
  let replies = 0;
  return () => {
    if (clock.now() >= second + 1_000) [second, replies] = [clock.now(), 0];
    replies += 1;
    return replies <= repliesPerSecond;
  };
};
