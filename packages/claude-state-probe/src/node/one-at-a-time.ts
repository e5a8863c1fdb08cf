/** Never runs twice at the same time. Calls that come during a run, however many, are answered by one more run after it. */
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
