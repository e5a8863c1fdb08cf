import type { Clock } from "../clock.ts";

/**
 * Waits for a call of `wake` or for a time, and returns whether it was a call. A call between two waits ends
 * the next wait at once.
 */
export type Waker = {
  readonly wake: () => void;
  readonly wait: (ms: number) => Promise<boolean>;
};

export const createWaker = (clock: Clock): Waker => {
  let isAwake = false;
  let end: (() => void) | null = null;
  return {
    wake: () => {
      isAwake = true;
      end?.();
    },
    wait: async (ms) => {
      if (!isAwake)
        await new Promise<void>((resolve) => {
          const cancel = clock.after(ms, resolve);
          end = () => {
            cancel();
            resolve();
          };
        });
      const wasWoken = isAwake;
      end = null;
      isAwake = false;
      return wasWoken;
    },
  };
};
