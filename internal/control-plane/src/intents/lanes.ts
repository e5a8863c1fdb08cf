/** Work that runs side by side. What shares a key runs one after the other, in the order of the calls. */
export type Lanes = {
  /** Starts it when all earlier work with one of its keys has ended, and fewer than the most run. */
  readonly run: (keys: readonly string[], work: () => Promise<void>) => void;
  /** Resolves when all that was started has ended. */
  readonly ended: () => Promise<void>;
};

/** `most`: how many run at once. Work that waits in a lane takes no slot. Work never rejects. */
export const lanes = (most: number): Lanes => {
  const last = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const take = async (): Promise<void> => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
  };
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  const runAfter = async (before: readonly unknown[], work: () => Promise<void>): Promise<void> => {
    await Promise.all(before);
    await take();
    await work();
    giveBack();
  };
  return {
    run: (keys, work) => {
      const mine = runAfter(
        keys.map((key) => last.get(key)),
        work,
      );
      for (const key of keys) last.set(key, mine);
      void mine.then(() => {
        for (const key of keys) if (last.get(key) === mine) last.delete(key);
      });
    },
    ended: async () => {
      await Promise.all(last.values());
    },
  };
};
