/** Stops a subscription, a timer or a watch. A second call does nothing. */
export type Stop = () => void;

/** How a terminal program ended: its exit code, or the number of the signal that ended it. */
export type TerminalExit = { readonly exitCode: number; readonly signal?: number };

/**
 * The program's side of a PTY. Data is text (UTF-8 decoded, split anywhere); sizes are in cells. `onData` and
 * `onExit` may be called more than once; a listener that is added after the exit is still called.
 */
export type Terminal = {
  readonly pid: number;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  /** Ends the program and every process of its group. The default signal is SIGKILL. */
  kill(signal?: "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  onData(listener: (data: string) => void): Stop;
  onExit(listener: (exit: TerminalExit) => void): Stop;
  /**
   * Stops reading the program's output, so that the program waits, until every caller has called the returned
   * function. Output that was already read may still arrive. If the program exits meanwhile, the exit is reported and
   * unread output may be lost. Without this method the terminal is read without a limit, and up to 16 MB of undrawn
   * output is kept.
   */
  pause?(): Stop;
};

/**
 * Time in milliseconds, from any origin. A test can pass a fake clock to control every wait of the engine.
 */
export type Clock = {
  now(): number;
  after(milliseconds: number, run: () => void): Stop;
};
