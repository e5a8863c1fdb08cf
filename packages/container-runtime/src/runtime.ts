export type RuntimeResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: RuntimeError };

export type RuntimeError = {
  /** `killed`: a signal ended the process before its program began. Nothing is wrong with the spec. */
  readonly code:
    "spawn-failed" | "killed" | "runtime-unavailable" | "mount-missing" | "unsupported" | "record-unwritable";
  readonly message: string;
  readonly fix?: string;
};

/** Whose container it is. It is recorded with the container, and adoption asks for all of it. */
export type ContainerLabel = {
  /** This installation: another one on the same machine is never touched. */
  readonly install: string;
  readonly sessionId: string;
  readonly groupId: string;
  readonly incarnation: number;
  /** The fencing token of the lease under which it was started. */
  readonly token: number;
};

export type Mount = {
  /** A folder that is there: a missing one is refused, and never made. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
};

export type ContainerSpec = {
  readonly label: ContainerLabel;
  /** The program and its arguments; never a shell string. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment. Nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its stdin, which ends then: a secret, which arguments and environment would show to others. */
  readonly input?: string;
  readonly folder: string;
  readonly mounts: readonly Mount[];
  /** The image; null where the runtime has none (processes). */
  readonly image: string | null;
  /** The account to run as; null for the host's own. */
  readonly osUser: string | null;
  /** A file for its stdout and stderr. */
  readonly logFile: string;
};

export type Exit = {
  /** Null where it is not known: ended while nobody watched. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines of what it wrote to stderr, for the log. */
  readonly lastLines: readonly string[];
};

/** A container that runs, or has just ended. */
export type Container = {
  /** What the runtime calls it: kept in the central database. */
  readonly reference: string;
  readonly label: ContainerLabel;
  readonly pid: number | null;
  /** Told once to each listener, whoever caused the end, also if it has ended already. */
  readonly onExit: (listener: (exit: Exit) => void) => void;
  /** Asks it to end, and after `graceMs` ends it by force. Resolves when it has ended, at once if it has already. */
  readonly kill: (graceMs: number) => Promise<Exit>;
};

/** What runs containers: processes, Docker, Podman. */
export type ContainerRuntime = {
  readonly name: string;
  /** False: what it starts sees each folder where the machine has it, and none of them read-only. */
  readonly hasMounts: boolean;
  readonly spawn: (spec: ContainerSpec) => Promise<RuntimeResult<Container>>;
  /** All containers of this installation that still run, also those that an earlier host started. */
  readonly running: () => Promise<RuntimeResult<readonly Container[]>>;
  /** Stops to watch. The containers run on. */
  readonly close: () => Promise<void>;
};
