import type { Exit } from "./runtime.ts";

/** The end of one container: it happens once, and whoever asks is told, before it or after. */
export type ExitOnce = {
  /** The first end counts. */
  readonly tell: (exit: Exit) => void;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<Exit>;
  readonly onExit: (listener: (exit: Exit) => void) => void;
};

export const exitOnce = (): ExitOnce => {
  let isTold = false;
  let resolve: (exit: Exit) => void = () => undefined;
  const ended = new Promise<Exit>((told) => (resolve = told));
  return {
    tell: (exit) => {
      isTold = true;
      resolve(exit);
    },
    hasEnded: () => isTold,
    ended,
    onExit: (listener) => void ended.then(listener),
  };
};
