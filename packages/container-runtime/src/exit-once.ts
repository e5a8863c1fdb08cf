import type { Exit } from "./runtime.ts";

/** The exit of one container. It happens once; listeners added before and after it are called. */
export type ExitOnce = {
  /** Sets the exit. Later calls have no effect. */
  readonly settle: (exit: Exit) => void;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<Exit>;
  readonly onExit: (listener: (exit: Exit) => void) => void;
};

export const exitOnce = (): ExitOnce => {
  let isSettled = false;
  let resolve: (exit: Exit) => void = () => undefined;
  const ended = new Promise<Exit>((told) => (resolve = told));
  return {
    settle: (exit) => {
      isSettled = true;
      resolve(exit);
    },
    hasEnded: () => isSettled,
    ended,
    onExit: (listener) => void ended.then(listener),
  };
};
