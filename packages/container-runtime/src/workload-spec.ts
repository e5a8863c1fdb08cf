import type { FilesIn } from "./files-in.ts";

/** The session of a container, and its lease. It is recorded with the container, and adoption needs all fields. */
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
  /** True if no part of the source's path is a link. Linux refuses the start if one is by then. Default: false. */
  readonly isReal?: boolean;
};

/** Everything that a runtime needs to run one workload. */
export type WorkloadSpec = {
  readonly label: ContainerLabel;
  /** The image with the program; null for a program of the machine. */
  readonly image: string | null;
  /** The program and its arguments, so at least one; never a shell string. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment. Nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** The whole content of its stdin. Use it for a secret: other accounts can read arguments. */
  readonly input?: string;
  /** The working folder, as the workload sees it. */
  readonly folder: string;
  readonly files: FilesIn;
  readonly mounts: readonly Mount[];
  /** The account to run as; null for the host's own. */
  readonly account: string | null;
  /** `none`: no network. `gateway`: only the host's gateway. `open`: all that the machine can reach. */
  readonly network: "none" | "gateway" | "open";
  /** Maximum processors, may be a fraction; null for no limit. */
  readonly cpus: number | null;
  /** Maximum memory, MiB; null for the usual limit of a container: at most 4,096. */
  readonly memoryMb: number | null;
  /** Maximum processes and threads; null for the usual limit of a container or a sandbox, 1,024. */
  readonly pids: number | null;
  /** Time to end after a SIGTERM, ms, if the runtime and not the host stops it. */
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
