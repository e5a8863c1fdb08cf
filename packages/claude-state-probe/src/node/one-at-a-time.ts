/**
 * Wraps a function so that it never runs twice at the same time. Any number of calls during a run cause one
 * more run after it.
 */
export const oneAtATime = (run: () => Promise<void>): (() => void) => {
  let running = false;
  let again = false;
  const start = (): void => {
    again = running;
    if (running) return;
    running = true;
    void run().finally(() => {
      running = false;
      if (again) start();
    });
  };
  return start;
};
