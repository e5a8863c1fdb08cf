import type { Terminal } from "@trust/dialog-engine";

/**
 * Keeps what a program prints before anybody listens, and gives it to the first listener. A program that is
 * faster than its record on disk draws its screen once, and never again.
 */
export const keepEarlyOutput = (terminal: Terminal): Terminal => {
  let early: string[] | null = [];
  const stop = terminal.onData((data) => void early?.push(data));
  return {
    ...terminal,
    onData: (listener) => {
      const kept = early ?? [];
      early = null;
      stop();
      const end = terminal.onData(listener);
      for (const data of kept) listener(data);
      return end;
    },
  };
};
