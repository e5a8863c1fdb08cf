/** Work that runs one at a time. */
export type Coalesced = {
  /**
   * Runs the work. Calls during a run are combined into one more run after it. Resolves when a run that began after the call
   * has ended.
   */
  readonly run: () => Promise<void>;
  /** Resolves when no run is left. */
  readonly idle: () => Promise<void>;
};

/** Runs `work` one at a time. A failed run is reported, and ends only itself. */
export const coalesced = (work: () => Promise<void>, report: (error: unknown) => void): Coalesced => {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const once = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      report(error);
    }
  };
  const start = (): Promise<void> => {
    running = once().finally(() => (running = null));
    return running;
  };
  return {
    run: () => {
      if (running === null) return start();
      next ??= running.then(() => {
        next = null;
        return start();
      });
      return next;
    },
    idle: async () => {
      while (running !== null) await (next ?? running);
    },
  };
};
