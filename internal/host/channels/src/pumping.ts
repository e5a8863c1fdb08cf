/** A task that runs one at a time. */
export type Pump = {
  /** Runs the task, or once more after the current run. */
  readonly nudge: () => void;
  /** Resolves when no run is left. */
  readonly idle: () => Promise<void>;
};

/** A failed run is reported, and ends only itself. */
export const pumping = (run: () => Promise<void>, report: (error: unknown) => void): Pump => {
  let isAsked = false;
  let running: Promise<void> | null = null;
  const all = async (): Promise<void> => {
    while (isAsked) {
      isAsked = false;
      await run().catch(report);
    }
    running = null;
  };
  return {
    nudge: () => {
      isAsked = true;
      running ??= all();
    },
    idle: async () => void (await running),
  };
};
