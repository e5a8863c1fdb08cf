import type { TransportError, TransportResult } from "@gatehouse/session-rows/messages";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";

/** Calls of the transport, which are repeated after temporary errors. */
export type Calls = {
  /**
   * Returns the value. If a call still fails after the time limit, the error is fatal: the runner exits, the
   * promise stays pending, and the messages in work are left to the next container.
   */
  readonly persist: <T>(call: () => Promise<TransportResult<T>>) => Promise<T>;
  readonly now: () => string;
  readonly pause: (ms: number) => Promise<void>;
};

export const createCalls = (clock: Clock, fatal: (error: TransportError) => void): Calls => {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const tries = limits.transportMs / limits.transportPauseMs;
  return {
    now: clock.now,
    pause,
    persist: async (call) => {
      for (let left = tries; ; left -= 1) {
        const result = await call();
        if (result.ok) return result.value;
        const isFinal = result.error.code === "closed" || result.error.code === "fenced";
        if (isFinal || left <= 1) {
          fatal(result.error);
          return new Promise(() => {});
        }
        await pause(limits.transportPauseMs);
      }
    },
  };
};
