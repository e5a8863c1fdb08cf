import type { Central } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import type { ContainerConfig } from "@nc/container-config";
import type { HeldLease } from "@gatehouse/session-rows";
import type { ContainerRuntime, Mount } from "@nc/container-runtime";
import type { Secrets } from "@gatehouse/session-rows/messages";

/** The part of a group's configuration that its image is made from. */
export type ImageNeeds = Pick<ContainerConfig, "packages_apt" | "packages_npm">;

/** The images of groups. Errors are sentences. */
export type GroupImages = {
  /** The engine's name for the image of a group with these packages. Fails if it is not built. */
  readonly nameOf: (needs: ImageNeeds) => Promise<Result<string, string>>;
  /**
   * Builds that image if it is not there. `isBuilt` is false if it was. The first line of an error is ours; the lines
   * after it are the build's own output, and may say anything.
   */
  readonly build: (
    needs: ImageNeeds,
    signal: AbortSignal,
  ) => Promise<Result<{ readonly name: string; readonly isBuilt: boolean }, string>>;
};

/** The images in which agents run, and the places of gatehouse's programs in each of them. */
export type AgentImage = GroupImages & {
  readonly runner: readonly [string, ...string[]];
  readonly ncl: readonly [string, ...string[]];
  /** The PATH of agents. */
  readonly path: string;
  /** The folder with the sockets of the runners and of the gateway. A mounted socket itself would be the last host's. */
  readonly sockets: Mount;
  /** The names of these sockets in that folder. */
  readonly wire: string;
  readonly gateway: string;
};

/** The host for which workloads are made. */
export type WorkloadDeps = {
  readonly central: Pick<Central, "loop">;
  /**
   * The folder with `groups/`, and with `sessions/<group>/<session>`, the files for agents of this account.
   */
  readonly dataDir: string;
  readonly runtime: ContainerRuntime;
  /** The image of agents; missing where a workload is a program of the machine. */
  readonly image?: AgentImage;
  /** The agent-runner's program: `[process.execPath, "/…/agent-runner.cjs"]`. */
  readonly runner: readonly [string, ...string[]];
  /** The socket of the gateway to the models, which agents are told of. Default: none. */
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
  /** No other host works on this database, so all groups' folders are in this data folder. */
  readonly isAlone: boolean;
  /** The address that runners dial. */
  readonly dial: { readonly address: string };
  /** ms */
  readonly times: { readonly graceMs: number };
  /**
   * The values of these secrets that the host has for a group's MCP servers. The error is a sentence. Default: there
   * are none.
   */
  readonly readSecrets?: (groupId: string, names: readonly string[]) => Promise<Result<Secrets, string>>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

/** The session of a workload. */
export type WorkloadSession = {
  readonly id: string;
  /** Its folder on this host. */
  readonly folder: string;
  readonly lease: Pick<HeldLease, "token">;
};

/** The rows that a session's workload is made from, besides its group's configuration. */
export type WorkloadRows = {
  readonly group: { readonly id: string; readonly name: string; readonly folder: string };
};
