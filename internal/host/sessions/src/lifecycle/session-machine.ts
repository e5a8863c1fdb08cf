import type { LoopTimes } from "../loop-times.ts";
import type { Effect, SessionEvent, SessionState } from "./session-state.ts";
import { step } from "./step.ts";

/** The loop around `step`: it keeps the state and has the effects performed. */
export type SessionMachine = {
  readonly state: () => SessionState;
  /** Resolves when the immediate effects of the event are performed. */
  readonly dispatch: (event: SessionEvent) => Promise<void>;
  /** Resolves once the state satisfies the condition. */
  readonly when: (is: (state: SessionState) => boolean) => Promise<void>;
};

export const sessionMachine = (
  first: SessionState,
  times: LoopTimes,
  perform: (effect: Effect) => Promise<void>,
): SessionMachine => {
  let state = first;
  const waiters = new Set<(state: SessionState) => void>();
  return {
    state: () => state,
    dispatch: async (event) => {
      const { state: next, effects } = step(state, event, times);
      state = next;
      for (const hear of waiters) hear(state);
      await Promise.all(effects.map(perform));
    },
    when: (is) =>
      new Promise((resolve) => {
        const hear = (now: SessionState): void => {
          if (!is(now)) return;
          waiters.delete(hear);
          resolve();
        };
        waiters.add(hear);
        hear(state);
      }),
  };
};
