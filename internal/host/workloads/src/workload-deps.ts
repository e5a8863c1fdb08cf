import type { Central } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import type { ContainerConfig } from "@nc/container-config";
import type { HeldLease } from "@gatehouse/session-rows";
import type { ContainerRuntime, Mount } from "@nc/container-runtime";
import type { Secrets } from "@gatehouse/session-rows/messages";

/** The part of a group's configuration from which its image is built. */
export type ImageNeeds = Pick<ContainerConfig, "packages_apt" | "packages_npm">;

/** The images of groups. Errors are sentences. */
export type GroupImages = {
  /** Returns the engine's name for the image of a group with these packages. Fails if the image is not built. */
  readonly nameOf: (needs: ImageNeeds) => Promise<Result<string, string>>;
  /**
   * Builds the image if it does not exist. `isBuilt` is false if it existed. The first line of an error is ours; the other
   * lines are the build's output, which is not trusted.
   */
  readonly build: (
    needs: ImageNeeds,
    signal: AbortSignal,
  ) => Promise<Result<{ readonly name: string; readonly isBuilt: boolean }, string>>;
};

/** The way of an agent that sees only its mounts, in a container or a sandbox, to its host and the gateway. */
export type AgentDoors = {
  /** The folder with the sockets of the host and of the gateway. A mounted socket would stay that of an earlier host. */
  readonly sockets: Mount;
  /** The name of the host's socket in this folder. */
  readonly wire: string;
  /** The name of the gateway's socket in this folder. */
  readonly gateway: string;
};

/** The images in which agents run, and the paths of gatehouse's programs in a container. */
export type AgentImage = GroupImages &
  AgentDoors & {
    readonly runner: readonly [string, ...string[]];
    readonly ncl: readonly [string, ...string[]];
    /** The mounts of these programs. */
    readonly programs: readonly Mount[];
    /** The PATH of agents. */
    readonly path: string;
  };

/** The folders of npm packages for groups whose agents run in sandboxes. Errors are sentences, as for images. */
export type PackageFolders = Pick<GroupImages, "build"> & {
  /** Returns the mount of the folder with these packages; null without npm packages. Fails if the folder is not built. */
  readonly folderOf: (needs: ImageNeeds) => Promise<Result<Mount | null, string>>;
};

/** What agents in sandboxes have besides the machine's programs. */
export type AgentSandbox = AgentDoors &
  PackageFolders & {
    /** The mount of a Node that only runs, and that no agent can read; null if there is none here. */
    readonly node: () => Mount | null;
  };

/** The parts of the host that make workloads. */
export type WorkloadDeps = {
  readonly central: Pick<Central, "loop">;
  /**
   * The folder with `groups/`, and with `sessions/<group>/<session>`, the files for agents of this account.
   */
  readonly dataDir: string;
  readonly runtime: ContainerRuntime;
  /** The image of agents; missing where a workload is a program of the machine. */
  readonly image?: AgentImage;
  /** Missing where an agent has an image, or sees the whole machine, as a process. */
  readonly sandbox?: AgentSandbox;
  /** The agent-runner's program: `[process.execPath, "/…/agent-runner.cjs"]`. */
  readonly runner: readonly [string, ...string[]];
  /** The socket of the gateway to the models, for agents. Default: none. */
  readonly gatewaySocket?: string;
  /** The folder of the CLIs that agents find first on their PATH. Default: none. */
  readonly clis?: string;
  /** The program `ncl` of agents: `[process.execPath, "/…/ncl.cjs"]`. */
  readonly ncl: readonly [string, ...string[]];
  /**
   * Distinguishes this installation from others on the machine, as in the runtime. Default: made from
   * `dataDir`.
   */
  readonly install?: string;
  /** True if no other host uses this database, so that all groups' folders are in this data folder. */
  readonly isAlone: boolean;
  /** The address to which runners connect. */
  readonly dial: { readonly address: string };
  /** ms */
  readonly times: { readonly graceMs: number };
  /**
   * Returns the values of these secrets of a group's MCP servers, without missing ones. The error is a sentence. Default:
   * no secrets.
   */
  readonly readSecrets?: (groupId: string, names: readonly string[]) => Promise<Result<Secrets, string>>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: its name, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

/** The session of a workload. */
export type WorkloadSession = {
  readonly id: string;
  /** The session's folder on this host. */
  readonly folder: string;
  readonly lease: Pick<HeldLease, "token">;
};

/** The rows from which a session's workload is made, besides its group's configuration. */
export type WorkloadRows = {
  readonly group: { readonly id: string; readonly name: string; readonly folder: string };
};
