import type { Stop, Terminal } from "@trust/dialog-engine";

/** A program that has printed more than this is paused until its first listener; UTF-16 units. */
const mostEarly = 65_536;

/**
 * Keeps a program's output until the first listener, and passes it on then. A program may draw its screen
 * before its record is on disk, and never draw it again.
 */
export const keepEarlyOutput = (terminal: Terminal): Terminal => {
  let early: string[] | null = [];
  let length = 0;
  let resume: Stop | undefined;
  const stop = terminal.onData((data) => {
    early?.push(data);
    length += data.length;
    if (length > mostEarly) resume ??= terminal.pause?.();
  });
  return {
    ...terminal,
    onData: (listener) => {
      const kept = early ?? [];
      early = null;
      stop();
      const end = terminal.onData(listener);
      for (const data of kept) listener(data);
      resume?.();
      resume = undefined;
      return end;
    },
  };
};
