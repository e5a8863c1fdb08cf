import type { FilesIn } from "./files-in.ts";

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
