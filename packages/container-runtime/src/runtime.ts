import type { Cannot } from "./check-spec.ts";
import type { FilesIn } from "./files-in.ts";
import type { RuntimeResult } from "./runtime-result.ts";
import type { ContainerLabel, WorkloadSpec } from "./workload-spec.ts";

/** The session whose folder of files is requested. */
export type FolderOwner = {
  readonly sessionId: string;
  /** The account of its processes; null for the host's own. */
  readonly account: string | null;
  /** The session's folder on the host. */
  readonly hostFolder: string;
};

export type Exit = {
  /** Null if it is not known: another host started the container, or it ended while no host watched it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote to stderr, for the log. */
  readonly lastLines: readonly string[];
};

/** A container that runs, or has just ended. */
export type Container = {
  /** The runtime's name for it, kept in the central database. */
  readonly reference: string;
  readonly label: ContainerLabel;
  readonly pid: number | null;
  /** Calls each listener once with the exit, also if the container has already ended. */
  readonly onExit: (listener: (exit: Exit) => void) => void;
  /** Replaces files of a running container: all of these, or none. Nothing else in its folder changes. */
  readonly replaceFiles: (files: Omit<FilesIn, "folder">) => Promise<RuntimeResult<null>>;
  /**
   * Asks it to end, and after `graceMs` ends it by force. Resolves when it has ended; at once if it already
   * had.
   */
  readonly kill: (graceMs: number) => Promise<Exit>;
};

/** A runtime of containers, such as processes, Docker or Podman. */
export type ContainerRuntime = {
  readonly name: string;
  /** Its missing abilities. A host shows them before it starts anything, and with a configuration. */
  readonly cannot: Cannot;
  /** The folder of a workload, as the workload sees it. No other account may read the files there. */
  readonly folderOf: (owner: FolderOwner) => Promise<RuntimeResult<string>>;
  readonly spawn: (spec: WorkloadSpec) => Promise<RuntimeResult<Container>>;
  /** All running containers of this installation, also those that an earlier host started. */
  readonly running: () => Promise<RuntimeResult<readonly Container[]>>;
  /** Stops watching. The containers still run. */
  readonly close: () => Promise<void>;
};

/** The options of every runtime of a host. */
export type RuntimeOptions = {
  /** The host's own folder for records of running workloads. */
  readonly folder: string;
  /** The name of this installation. Workloads of another installation are ignored. */
  readonly install: string;
  /** Receives problems that need a person: torn records, and workloads that could not be ended. */
  readonly report: (problem: string) => void;
};

/** The exit of one container. It happens once; listeners added before and after it are called. */
export type ExitOnce = {
  /** Sets the exit. Later calls have no effect. */
  readonly settle: (exit: Exit) => void;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<Exit>;
  readonly onExit: (listener: (exit: Exit) => void) => void;
};

export const exitOnce = (): ExitOnce => {
  let isSettled = false;
  let resolve: (exit: Exit) => void = () => undefined;
  const ended = new Promise<Exit>((told) => (resolve = told));
  return {
    settle: (exit) => {
      isSettled = true;
      resolve(exit);
    },
    hasEnded: () => isSettled,
    ended,
    onExit: (listener) => void ended.then(listener),
  };
};
