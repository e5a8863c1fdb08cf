/**
 * Runs `work` one at a time. Calls during a run are combined into one more run after it. The promise resolves
 * when a run that began after the call has ended; an error goes to `report`.
 */
export const coalesced = (
  work: () => Promise<void>,
  report: (error: unknown) => void,
): (() => Promise<void>) => {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      report(error);
    }
  };
  const start = (): Promise<void> => {
    running = run().finally(() => (running = null));
    return running;
  };
  return () => {
    if (running === null) return start();
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };
};
