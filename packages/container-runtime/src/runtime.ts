import type { Cannot } from "./abilities.ts";
import type { FilesIn } from "./files-in.ts";
import type { RuntimeResult } from "./runtime-result.ts";
import type { ContainerLabel, WorkloadSpec } from "./workload-spec.ts";

/** Whose folder of files is asked for. */
export type FolderOwner = {
  readonly sessionId: string;
  /** The account that it will run as; null for the host's own. */
  readonly account: string | null;
  /** The session's folder on the host. */
  readonly hostFolder: string;
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
  /** What it cannot do. A host tells it before it starts anything, and when a configuration is shown. */
  readonly cannot: Cannot;
  /** The folder of a workload, as the workload sees it. No other account may read what is handed in there. */
  readonly folderOf: (owner: FolderOwner) => Promise<RuntimeResult<string>>;
  readonly spawn: (spec: WorkloadSpec) => Promise<RuntimeResult<Container>>;
  /** All containers of this installation that still run, also those that an earlier host started. */
  readonly running: () => Promise<RuntimeResult<readonly Container[]>>;
  /** Stops to watch. The containers run on. */
  readonly close: () => Promise<void>;
};
