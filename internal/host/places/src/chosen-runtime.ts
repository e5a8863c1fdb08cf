import type { RuntimeTable } from "@nc/container-runtime/node";
import type { PodTemplate } from "@nc/kubernetes-runtime";
import type { Cluster } from "@nc/kubernetes-runtime/node";
import type { GroupImages, PackageFolders } from "@gatehouse/workloads";
import type { PackageFoldersOptions } from "./local/package-folders.ts";
import type { RuntimeInUse } from "./runtime-in-use.ts";

export type RuntimeFlags = {
  /** `auto` (the default), a row of `runtimes`, or the name of an engine. */
  readonly runtime?: string;
  /** The socket of the engine's API. Default: the engine's default sockets. */
  readonly engineSocket?: string;
  /** The least age of a group's npm packages, in days since their publication. Default: 3. */
  readonly npmAge?: number;
  /** The image of Pods whose group has none of its own. */
  readonly kubernetesImage?: string;
  /** The namespace of Pods. Default: that of the kubeconfig, else `default`. */
  readonly kubernetesNamespace?: string;
  /** The file with what the operator adds to each Pod. */
  readonly podTemplate?: string;
};

/** The runtime with which a host runs its agents. */
export type ChosenRuntime = {
  readonly make: RuntimeTable[string];
  /** The images of an installation's groups, if agents run in containers; else null. */
  readonly images: ((install: string) => GroupImages) | null;
  /** The packages of groups of a data folder, if agents run in sandboxes; else null. */
  readonly packages: ((place: Pick<PackageFoldersOptions, "dataDir" | "needed">) => PackageFolders) | null;
  /** The namespace in which agents run in Pods, and their image; missing if they run on this machine. */
  readonly pods?: ChosenPods;
  /** The choice to keep. */
  readonly inUse: RuntimeInUse;
  /** Looks at the engine and the agents' image. Returns why no agent can start now, in a line; null if agents can start. */
  readonly problem: () => Promise<string | null>;
  /** The version of gatehouse that built the agents' image; null without such an image. */
  readonly imageVersion: string | null;
  /** Messages for the operator, a sentence each. */
  readonly notes: readonly string[];
};

/** The namespace in which agents run, their image, and what the operator adds to each Pod. */
export type ChosenPods = {
  readonly cluster: Cluster;
  readonly image: string;
  readonly template: PodTemplate;
};
