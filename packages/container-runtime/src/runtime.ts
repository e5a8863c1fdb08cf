import type { FilesIn } from "./files-in.ts";
import type { RuntimeResult } from "./runtime-result.ts";

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

/** Whose folder of files is asked for. */
export type FolderOwner = {
  readonly sessionId: string;
  /** The account that it will run as; null for the host's own. */
  readonly account: string | null;
  /** The session's folder on the host. */
  readonly hostFolder: string;
};

export type Mount = {
  /** A folder that is there: a missing one is refused, and never made. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
};

/** Everything that a runtime has to know to run one workload. */
export type WorkloadSpec = {
  readonly label: ContainerLabel;
  /** The image that the program is in; null for a program of the machine. */
  readonly image: string | null;
  /** The program and its arguments; never a shell string. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment. Nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its stdin, which ends then: a secret, which arguments and environment would show to others. */
  readonly input?: string;
  /** The folder that it works in, as it sees it. */
  readonly folder: string;
  readonly files: FilesIn;
  readonly mounts: readonly Mount[];
  /** The account to run as; null for the host's own. */
  readonly account: string | null;
  /** `none`: no other machine. `gateway`: the host's gateway alone. `open`: what the machine reaches. */
  readonly network: "none" | "gateway" | "open";
  /** Most processors, which may be a fraction; null for no limit. */
  readonly cpus: number | null;
  /** Most memory, MiB; null for no limit. */
  readonly memoryMb: number | null;
  /** Most processes and threads; null for no limit. */
  readonly pids: number | null;
  /** Time to end after it was asked to, ms, where the runtime ends it and not the host. */
  readonly graceMs: number;
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
  /** Replaces files that were handed in while it runs: all of these, or none. Nothing else of its folder changes. */
  readonly replaceFiles: (files: Omit<FilesIn, "folder">) => Promise<RuntimeResult<null>>;
  /** Asks it to end, and after `graceMs` ends it by force. Resolves when it has ended, at once if it has already. */
  readonly kill: (graceMs: number) => Promise<Exit>;
};

/** What runs containers: processes, Docker, Podman. */
export type ContainerRuntime = {
  readonly name: string;
  /** False: what it starts sees each folder where the machine has it, and none of them read-only. */
  readonly hasMounts: boolean;
  /** The folder of a workload, as the workload sees it. No other account may read what is handed in there. */
  readonly folderOf: (owner: FolderOwner) => Promise<RuntimeResult<string>>;
  readonly spawn: (spec: WorkloadSpec) => Promise<RuntimeResult<Container>>;
  /** All containers of this installation that still run, also those that an earlier host started. */
  readonly running: () => Promise<RuntimeResult<readonly Container[]>>;
  /** Stops to watch. The containers run on. */
  readonly close: () => Promise<void>;
};
