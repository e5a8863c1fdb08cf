/** How a program ended: its exit code, or the number of the signal that ended it. */
export type Exit = { readonly exitCode: number; readonly signal?: number };

/** An agent that leads a process group; a terminal of `@trust/dialog-engine` is one. */
export type RunningAgent = {
  readonly pid: number;
  /** Signals every process of its group; SIGKILL by default. */
  kill(signal?: "SIGTERM"): void;
  onExit(listener: (exit: Exit) => void): unknown;
};
