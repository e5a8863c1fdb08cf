/** Runs `run` for every item, at most `limit` at once, in the order of the items. */
export const forEachLimited = async <T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
};
