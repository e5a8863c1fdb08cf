import type { Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import type { Mount } from "@nc/container-runtime";

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
export type AgentSandbox = {
  /** The mount of a Node that only runs, and that no agent can read; null if there is none here. */
  readonly node: () => Mount | null;
  /** The packages of groups. */
  readonly packages: PackageFolders;
};
