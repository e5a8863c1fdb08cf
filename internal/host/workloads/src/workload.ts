import type { Instructed } from "@gatehouse/group-workspace";
import type { ContainerConfig } from "@nc/container-config";
import type { ContainerLabel, FilesIn } from "@nc/container-runtime";
import type { ImageNeeds } from "./workload-deps.ts";

/**
 * What is to run, for every place. It names no path of the machine on which it will run: the place has the programs, the
 * folders and the sockets there.
 */
export type Workload = {
  readonly label: ContainerLabel;
  /** The name of the group's folder. */
  readonly folder: string;
  readonly provider: string;
  /** The group's own image; null for that of all agents. */
  readonly image: string | null;
  readonly limits: Pick<ContainerConfig, "cpus" | "memory_mb" | "network" | "pids">;
  /** The content of `container.json`. */
  readonly containerJson: object;
  /** From this the place composes the instructions in the group's folder. */
  readonly instructed: Instructed;
  /** The group's skills. */
  readonly files: Omit<FilesIn, "folder">;
  /** ms */
  readonly graceMs: number;
  /** What only the host's own machine gives. */
  readonly here: HostsPart;
};

/** The wishes of a workload that name something of the host's own machine: no other place gets them. */
export type HostsPart = {
  /** The account that the agent runs as; null for the host's own. */
  readonly account: string | null;
  /** The name of the folders of the account's person, whose memory the agent gets; null for none. */
  readonly personFolder: string | null;
  readonly mounts: ContainerConfig["additional_mounts"];
  readonly packages: ImageNeeds;
  /** All providers whose instructions the group's folder has. */
  readonly providers: readonly string[];
};

/** Of a workload that came from another machine. */
export const nothingHere = (provider: string): HostsPart => ({
  account: null,
  personFolder: null,
  mounts: [],
  packages: { packages_apt: [], packages_npm: [] },
  providers: [provider],
});
