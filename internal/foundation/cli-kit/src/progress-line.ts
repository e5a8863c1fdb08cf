import { visible } from "@gatehouse/std";
import type { Output } from "./io.ts";

/** The progress of long work on stderr while it runs, and its closing line. */
export type ProgressLine = {
  /** Shows the progress. May be called any number of times. */
  readonly show: (text: string) => void;
  /** Erases the line and, with a text, writes that as the closing line. */
  readonly end: (text?: string) => void;
};

export type ProgressLineOptions = {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** Minimum time between two lines without a terminal, ms. */
  readonly everyMs?: number;
};

/**
 * One line that is overwritten on a terminal. Without a terminal: a plain line at intervals, so that a log
 * stays short.
 */
export const createProgressLine = (
  output: Output,
  { now = () => performance.now(), everyMs = 10_000 }: ProgressLineOptions = {},
): ProgressLine => {
  const { isTTY = false } = output;
  const columns = output.columns || 80; // a terminal without a known size reports 0
  let lastAt = -Infinity;
  let drawn = "";
  const draw = (line: string): void => {
    if (line !== drawn) output.write(`\r\x1b[K${line}`);
    drawn = line;
  };
  return {
    show: (text) => {
      if (isTTY) return draw(visible(text).slice(0, columns - 1));
      if (now() - lastAt < everyMs) return;
      lastAt = now();
      output.write(`${visible(text)}\n`);
    },
    end: (text) => {
      draw("");
      if (text !== undefined) output.write(`${visible(text)}\n`);
    },
  };
};

/** `4.1 s`, and from one minute on `2 min 5 s`. */
export const inSeconds = (milliseconds: number): string => {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
