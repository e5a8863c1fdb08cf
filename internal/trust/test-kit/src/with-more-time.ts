/**
 * For a result that follows from a time limit (ms) alone: tries with more time until the run came to the state before
 * which the limit means nothing, as a slow machine may not within a short one. Returns the last run.
 */
export const withMoreTime = async <T>(
  run: (limitMs: number) => Promise<T>,
  hasComeTo: (ran: T) => boolean,
): Promise<T> => {
  for (let limitMs = 5_000; ; limitMs *= 4) {
    const ran = await run(limitMs);
    if (hasComeTo(ran) || limitMs > 100_000) return ran;
  }
};
