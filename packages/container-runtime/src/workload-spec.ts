import type { FilesIn } from "./files-in.ts";

/** The owner of a container. It is recorded with the container, and adoption needs all of it. */
export type ContainerLabel = {
  /**
   * The name of this installation. Containers of another installation on the same machine are never touched.
   */
  readonly install: string;
  readonly sessionId: string;
  readonly groupId: string;
  readonly incarnation: number;
  /** The fencing token of the lease under which it was started. */
  readonly token: number;
};

export type Mount = {
  /** An existing folder. A missing one is refused, and never made. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  /** The source has no link in it. One that has by the time of the start is refused, on Linux. Default: false. */
  readonly isReal?: boolean;
};

/** Everything that a runtime needs to run one workload. */
export type WorkloadSpec = {
  readonly label: ContainerLabel;
  /** The image with the program; null for a program of the machine. */
  readonly image: string | null;
  /** The program and its arguments; never a shell string. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment. Nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The whole content of its stdin. For a secret, which other accounts could read in arguments or the
   * environment.
   */
  readonly input?: string;
  /** The working folder, as the workload sees it. */
  readonly folder: string;
  readonly files: FilesIn;
  readonly mounts: readonly Mount[];
  /** The account to run as; null for the host's own. */
  readonly account: string | null;
  /**
   * `none`: no other machine. `gateway`: only the host's gateway. `open`: everything that the machine
   * reaches.
   */
  readonly network: "none" | "gateway" | "open";
  /** Maximum processors, may be a fraction; null for no limit. */
  readonly cpus: number | null;
  /** Maximum memory, MiB; null for no limit. */
  readonly memoryMb: number | null;
  /** Maximum processes and threads; null for no limit. */
  readonly pids: number | null;
  /** Time to end after it was asked to, ms, if the runtime ends it and not the host. */
  readonly graceMs: number;
  /** A file for its stdout and stderr. */
  readonly logFile: string;
};

/**
 * The fields of a workload without isolation and limits: no image, no mounts, the machine's network and
 * resources.
 */
export const unlimited: Pick<WorkloadSpec, "image" | "mounts" | "network" | "cpus" | "memoryMb" | "pids"> = {
  image: null,
  mounts: [],
  network: "open",
  cpus: null,
  memoryMb: null,
  pids: null,
};
