/** A process as the system lists it. */
export type ProcessEntry = {
  readonly pid: number;
  readonly group: number;
  /** It has exited, and only its parent keeps its number. */
  readonly isZombie: boolean;
  /** Tells a process from a later one with its number: clock ticks since boot on Linux, a date on macOS. */
  readonly start: string;
};

/** The folder that a process works in, links followed. */
export type WorkingProcess = { readonly pid: number; readonly folder: string };

/** The system's list of processes: the one place that reads it. */
export type ProcessTable = {
  /** Null if there is no process with this number, or if the system does not tell. */
  readonly find: (pid: number) => ProcessEntry | null;
  /** Null if the system does not tell. */
  readonly all: () => readonly ProcessEntry[] | null;
  /** Names a boot of the machine; null if the system does not tell. */
  readonly boot: () => string | null;
  /** The namespace of process numbers that this process is in; null without namespaces. */
  readonly namespace: () => string | null;
  /** Empty if the system does not tell. Processes of other accounts may be missing. */
  readonly working: () => readonly WorkingProcess[];
};
