/** Runs one at a time. Calls during a run cause one more run. */
export const pumping = (run: () => Promise<void>, report: (error: unknown) => void): (() => void) => {
  let isRunning = false;
  let isAsked = false;
  const all = async (): Promise<void> => {
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      await run().catch(report);
    }
    isRunning = false;
  };
  return () => {
    isAsked = true;
    if (!isRunning) void all();
  };
};
