/** Runs work concurrently. Works that share a key run one after the other, in the order of the calls. */
export type Lanes = {
  /** Starts `work` when all earlier work with one of its keys has ended, and fewer than `most` run. */
  readonly run: (keys: readonly string[], work: () => Promise<void>) => void;
  /** Resolves when all work has ended. */
  readonly ended: () => Promise<void>;
};

/**
 * `most`: maximum number that run at once. Work that waits for its keys takes no slot. Work must not reject.
 */
export const lanes = (most: number): Lanes => {
  const last = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const takeSlot = async (): Promise<void> => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
  };
  const freeSlot = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  const runAfter = async (before: readonly unknown[], work: () => Promise<void>): Promise<void> => {
    await Promise.all(before);
    await takeSlot();
    await work();
    freeSlot();
  };
  return {
    run: (keys, work) => {
      const run = runAfter(
        keys.map((key) => last.get(key)),
        work,
      );
      for (const key of keys) last.set(key, run);
      void run.then(() => {
        for (const key of keys) if (last.get(key) === run) last.delete(key);
      });
    },
    ended: async () => {
      await Promise.all(last.values());
    },
  };
};
