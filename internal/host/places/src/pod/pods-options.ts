import type { Place } from "@gatehouse/workloads";
import type { PodTemplate } from "@nc/kubernetes-runtime";
import type { Cluster } from "@nc/kubernetes-runtime/node";

export type PodsOptions = {
  /** What the choice of Pods says of them. */
  readonly seen: Pick<Place, "cannot" | "isolation" | "name" | "problem">;
  readonly cluster: Cluster;
  /** The image of Pods whose group has none of its own, with `gatehouse` and the agents' CLIs on its PATH. */
  readonly image: string;
  /** What the operator adds to each Pod, and the claim of each group's volume. Default: nothing, and no volumes. */
  readonly template?: PodTemplate;
  /** The name of the installation, which its hosts share. */
  readonly install: string;
  /** The name of this host. */
  readonly owner: string;
  /** The names of the hosts of the installation that run. The Pods of others are deleted. */
  readonly heardHosts: () => Promise<ReadonlySet<string>>;
  /** How a Pod's program finds this host: `tls://HOST:PORT`, and the pin of its certificate; null for an authority's. */
  readonly host: { readonly address: string; readonly pin: string | null };
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
  /** A Pod whose program is away for longer is given up, ms. Default: 60 s. */
  readonly goneMs?: number;
  /** A start waits so long for an earlier agent of its session to end, if that has the group's volume, ms. Default: 15 s. */
  readonly freeMs?: number;
};

/** The namespace in which agents run, their image, and what the operator adds to each Pod. */
export type ChosenPods = Required<Pick<PodsOptions, "cluster" | "image" | "template">>;
