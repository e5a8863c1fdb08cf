/** A process as the system lists it. */
export type ProcessEntry = {
  readonly pid: number;
  readonly group: number;
  /** It has exited, and its number is kept only until its parent reads its exit code. */
  readonly isZombie: boolean;
  /**
   * Distinguishes a process from a later one with its number: clock ticks since boot on Linux, a date on
   * macOS.
   */
  readonly start: string;
};

/** The working folder of a process, with links resolved. */
export type WorkingProcess = { readonly pid: number; readonly folder: string };

/** The system's list of processes. No other code reads it. */
export type ProcessTable = {
  /** Null if there is no process with this number, or if the system does not list processes. */
  readonly find: (pid: number) => ProcessEntry | null;
  /** Null if the system does not list processes. */
  readonly all: () => readonly ProcessEntry[] | null;
  /** The id of the current boot of the machine; null if the system does not report it. */
  readonly boot: () => string | null;
  /** The namespace of process numbers that this process is in; null without namespaces. */
  readonly namespace: () => string | null;
  /** Empty if the system does not report it. Processes of other accounts may be missing. */
  readonly working: () => readonly WorkingProcess[];
};
