/** Stops what it was handed out for: a subscription, a timer, a watch. Calling it twice does nothing more. */
export type Stop = () => void;

/** How a terminal program ended: its exit code, or the signal's number where one ended it. */
export type TerminalExit = { readonly exitCode: number; readonly signal?: number };

/**
 * A terminal program's own side of a PTY. Data is text (UTF-8 decoded, split anywhere); sizes are in cells.
 * `onData` and `onExit` may be called more than once; an exit that has already happened is still reported.
 */
export type Terminal = {
  readonly pid: number;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  /** Ends the program and every process of its group. Without a signal: SIGKILL. */
  kill(signal?: "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  onData(listener: (data: string) => void): Stop;
  onExit(listener: (exit: TerminalExit) => void): Stop;
  /**
   * Stops reading the program's output, so that the program waits, until the returned function is called by everyone who
   * asked for it. What was read already may still be heard; nothing is lost unless the program ends meanwhile, and that
   * end is told. A terminal without it is read without bound: what cannot be drawn in time is kept, up to 16 MB.
   */
  pause?(): Stop;
};

/** Time in milliseconds, from any origin. A fake one makes every wait of the engine a matter of the test. */
export type Clock = {
  now(): number;
  after(milliseconds: number, run: () => void): Stop;
};
